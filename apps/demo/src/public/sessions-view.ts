import { busy, byId, make, onClick, when } from './dom.js'
import { meaningOf } from './messages.js'
import type { PageSession } from './session.js'

/** A session as the server lists it. */
interface Listed {
  readonly id: string
  readonly current: boolean
  readonly carrier: 'cookie' | 'refresh'
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly ip: string | null
  readonly userAgent: string | null
}

/** The card with the account's sessions. */
export interface SessionsView {
  /** Asks the server for them. */
  load(): Promise<void>
}

/** Puts life into the card. */
export function createSessionsView(session: PageSession): SessionsView {
  const list = byId<HTMLUListElement>('sessions')

  async function load(): Promise<void> {
    const answer = await session.call({ method: 'GET', path: '/auth/sessions' })
    if (!answer.ok) return list.replaceChildren(make('li', { class: 'error' }, meaningOf(answer)))
    list.replaceChildren(...((answer.body?.sessions ?? []) as Listed[]).map(row))
  }

  async function endOne(listed: Listed): Promise<void> {
    const answer = await session.call({ method: 'DELETE', path: `/auth/sessions/${listed.id}` })
    if (answer.ok && listed.current) return session.end('You ended this session.')
    await load()
  }

  function row(listed: Listed): HTMLLIElement {
    const { current, carrier, createdAt, ip, userAgent } = listed
    const name = make(
      'strong',
      {},
      describeDevice(userAgent),
      ...(current ? [make('span', { class: 'tag' }, 'this one')] : []),
    )
    const where = `${carrier === 'cookie' ? 'Cookie' : 'Tokens'} · ${ip ?? 'address unknown'} · since ${when(createdAt)}`
    const button = make('button', { type: 'button', class: 'button', 'data-testid': 'end-session' }, 'End')
    button.setAttribute('aria-label', `End the session on ${describeDevice(userAgent)} since ${when(createdAt)}`)
    button.addEventListener('click', () => void busy(button, () => endOne(listed)))
    const attributes = { class: 'session', 'data-testid': 'session', 'data-current': String(current) }
    return make('li', attributes, make('div', { class: 'session-text' }, name, make('small', {}, where)), button)
  }

  onClick('list-sessions', load)
  onClick('sign-out-everywhere', () => session.leave('logoutAll'))
  return { load }
}

const browsers = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^node$|undici/, 'Node.js'],
] as const
const systems = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const

/** A guess for people; what a client says of itself proves nothing. */
function describeDevice(userAgent: string | null): string {
  if (userAgent === null) return 'Unknown device'
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1]
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  return [browser ?? 'Some program', system].filter(Boolean).join(' on ')
}
