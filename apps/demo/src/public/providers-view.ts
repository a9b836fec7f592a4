import { busy, byId, make, when } from './dom.js'
import type { Answer } from './http.js'
import { meaningOf } from './messages.js'
import { providers as known, proofLinks } from './provider-links.js'
import type { PageSession } from './session.js'

/** The card about the accounts at providers that are connected. */
export interface ProvidersView {
  /** Asks the server which ones are. */
  load(): Promise<void>
  reset(): void
}

interface Identity {
  readonly id: string
  readonly provider: string
  readonly name: string
  readonly email: string | null
  readonly createdAt: string
}

/** Puts life into the card. */
export function createProvidersView(session: PageSession): ProvidersView {
  const list = byId('identities')
  const status = byId('identities-status')

  let linked: readonly string[] = []

  /** Says why not. Whoever signed in too long ago can prove who they are where they sign in. */
  function refuse(answer: Answer): void {
    const links = answer.code === 'recent_login_required' ? proofLinks(linked) : []
    status.replaceChildren(meaningOf(answer), ...links.flatMap((link) => [' ', link]))
  }

  async function connect(provider: string): Promise<void> {
    const answer = await session.call({ method: 'POST', path: `/auth/identities/${provider}`, body: { returnTo: '/' } })
    if (answer.ok) location.assign(String(answer.body?.url))
    else refuse(answer)
  }

  async function disconnect({ id, name }: Identity): Promise<void> {
    const answer = await session.call({ method: 'DELETE', path: `/auth/identities/${id}` })
    await load()
    if (answer.ok) status.textContent = `${name} is disconnected.`
    else refuse(answer)
  }

  function row(text: string, detail: string, label: string, act: () => Promise<void>, kind: string): HTMLElement {
    const button = make('button', { type: 'button', class: `button ${kind}`, 'aria-label': `${label} ${text}` }, label)
    button.addEventListener('click', () => void busy(button, act))
    const about = make('div', { class: 'session-text' }, make('strong', {}, text), make('small', {}, detail))
    return make('li', { class: 'session', 'data-testid': `provider-${text}` }, about, button)
  }

  function linkedRow(identity: Identity): HTMLElement {
    const { name, email, createdAt } = identity
    const detail = `${email ?? 'without an address'}, since ${when(createdAt)}`
    return row(name, detail, 'Disconnect', () => disconnect(identity), 'quiet')
  }

  async function load(): Promise<void> {
    const { ok, body } = await session.call({ method: 'GET', path: '/auth/identities' })
    if (!ok) return
    const identities = body?.identities as readonly Identity[] // As the server documents it.
    linked = identities.map(({ provider }) => provider)
    const others = known.filter(([id]) => !identities.some(({ provider }) => provider === id))
    list.replaceChildren(
      ...identities.map(linkedRow),
      ...others.map(([id, name]) => row(name, 'not connected', 'Connect', () => connect(id), '')),
    )
  }

  return {
    load,
    reset() {
      list.replaceChildren()
      status.textContent = ''
    },
  }
}
