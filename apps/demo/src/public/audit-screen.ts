import type { Principal } from './account-view.js'
import { createFeed } from './audit-feed.js'
import { make } from './dom.js'
import type { Answer } from './http.js'
import { meaningOf } from './messages.js'
import { placeScreen } from './screens.js'
import type { PageSession } from './session.js'

const id = 'screen-audit'

/** An event as the server lists it. */
interface Listed {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly outcome: 'success' | 'failure'
  readonly actor?: string
  readonly subject?: string
  readonly ip?: string
  readonly route?: string
  readonly code?: string
}

/** The screen on which the audit trail comes in as it happens. For whoever may not read it there is none, and no link to one. */
export interface AuditScreen {
  /** Makes the screen for whoever may read the trail, and removes it for anybody else. */
  showTo(principal: Principal | null): void
  /** Comes in while this screen is looked at, and stops where another one is. */
  opened(screen: string): void
}

/** Makes the screen. `linked` hears that the link came or went. What is hidden here is only out of the way: the server guards it. */
export function createAuditScreen(session: PageSession, linked: () => void): AuditScreen {
  const link = make('a', { href: '#audit', 'data-screen': id }, 'Audit trail')
  const list = make('ul', { class: 'session-list', 'data-testid': 'audit' })
  const status = make('small', { role: 'status', 'data-testid': 'audit-status' })
  const types = make('select', { id: 'audit-type' }, make('option', { value: '' }, 'everything'))
  const subject = make('input', {
    id: 'audit-subject',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'id of a user or a key',
  })
  const card = make(
    'article',
    { class: 'card wide-card', 'aria-labelledby': 'audit-title' },
    make(
      'div',
      { class: 'card-head' },
      make('h2', { id: 'audit-title' }, 'Audit trail'),
      make('span', { class: 'tag' }, 'live'),
    ),
    make('div', { class: 'audit-filters' }, field('audit-type', 'Only', types), field('audit-subject', 'About', subject)),
    list,
    status,
  )
  const screen = make('div', { class: 'dashboard', id }, card)
  const feed = createFeed(look)
  let newest: string | null = null
  let asked = 0

  for (const control of [types, subject]) control.addEventListener('change', () => void look())

  async function look(): Promise<number | null> {
    const run = ++asked
    const answer = await session.call({ method: 'GET', path: `/auth/audit${queryOf(types.value, subject.value.trim())}` })
    // A later look, or another person, has taken its place.
    if (run === asked && screen.isConnected) show(answer)
    return answer.retryAfter
  }

  function show(answer: Answer): void {
    status.textContent = answer.ok ? '' : meaningOf(answer)
    if (!answer.ok) return
    const events = (answer.body?.events ?? []) as Listed[] // As the server documents it.
    const known = newest
    newest = events[0]?.id ?? known
    // What has not changed is left alone: somebody may be reading it.
    const shown = [...list.children].map((row) => row.getAttribute('data-id')).join()
    if (list.childElementCount > 0 && shown === events.map((event) => event.id).join()) return
    const before = new Set(shown.split(','))
    for (const { type } of events) offer(type)
    list.replaceChildren(...events.map((event) => row(event, known !== null && !before.has(event.id))))
    if (events.length === 0) list.replaceChildren(make('li', {}, 'Nothing yet.'))
  }

  /** Types that have come in may be asked for. */
  function offer(type: string): void {
    if ([...types.options].some(({ value }) => value === type)) return
    types.append(make('option', { value: type }, type))
  }

  return {
    opened: (opened) => (opened === id && screen.isConnected ? feed.start() : feed.stop()),
    showTo(principal) {
      const mayRead = principal?.scopes.some((scope) => scope === '*' || scope === 'audit:read') ?? false
      if (mayRead === screen.isConnected) return
      feed.stop()
      asked++
      newest = null
      list.replaceChildren()
      subject.value = ''
      types.value = ''
      placeScreen(screen, link, mayRead)
      linked()
    },
  }
}

function queryOf(type: string, subject: string): string {
  const asked = Object.entries({ type, subject }).filter(([, value]) => value !== '')
  return asked.length === 0 ? '' : `?${new URLSearchParams(asked)}`
}

function field(id: string, label: string, control: HTMLElement): HTMLElement {
  return make('div', { class: 'field' }, make('label', { for: id }, label), control)
}

function row({ id, type, at, outcome, actor, subject, ip, route, code }: Listed, isNew: boolean): HTMLLIElement {
  const failed = outcome === 'failure' ? [make('span', { class: 'tag', 'data-kind': 'bad' }, code ?? 'failed')] : []
  const who = [actor && `by ${actor}`, subject && subject !== actor && `about ${subject}`].filter(Boolean).join(', ')
  const where = [new Date(at).toLocaleTimeString(), ip ?? 'by the application', route].filter(Boolean).join(' · ')
  const lines = [who, where].filter((text) => text !== '').map((text) => make('small', {}, text))
  const attributes = { class: 'session', 'data-testid': 'audit-event', 'data-id': id, ...(isNew && { 'data-new': '' }) }
  return make('li', attributes, make('div', { class: 'session-text' }, make('strong', {}, type, ...failed), ...lines))
}
