import { chips, type Principal } from './account-view.js'
import { busy, byId, make, onClick, when } from './dom.js'
import type { Answer } from './http.js'
import { createKeyForm } from './key-form.js'
import { createKeyTrial } from './key-trial.js'
import { meaningOf } from './messages.js'
import { createNewKeyView, type NewKey } from './new-key-view.js'
import type { PageSession } from './session.js'

/** A key as the server lists it. */
interface ListedKey {
  readonly id: string
  readonly prefix: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

/** How long an old key may go on beside its successor. */
const overlaps = [
  ['0', 'not at all'],
  ['60', 'for a minute'],
  ['3600', 'for an hour'],
  ['86400', 'for a day'],
] as const

/** The screen with somebody's API keys. */
export interface KeysView {
  /** Asks the server for them. */
  load(): Promise<void>
  /** Offers what somebody may give to a key. */
  offer(principal: Principal): void
  /** Forgets everything, for the next person. */
  reset(): void
}

/** Puts life into the screen. */
export function createKeysView(session: PageSession): KeysView {
  const trial = createKeyTrial()
  const newKey = createNewKeyView((key) => trial.take(key))
  const form = createKeyForm(session, (made) => {
    newKey.show(made)
    say('')
    void load()
  })

  function say(text: string): void {
    byId('keys-status').textContent = text
  }

  async function load(): Promise<void> {
    const answer = await session.call({ method: 'GET', path: '/auth/api-keys' })
    const keys = (answer.body?.apiKeys ?? []) as ListedKey[] // As the server documents it.
    const rows = answer.ok ? keys.map(row) : [make('li', { class: 'error' }, meaningOf(answer))]
    byId('keys').replaceChildren(...(rows.length > 0 ? rows : [make('li', { class: 'hint' }, 'You have none yet.')]))
  }

  async function rotate({ id, name }: ListedKey, overlap: number): Promise<void> {
    const answer = await session.call({ method: 'POST', path: `/auth/api-keys/${id}/rotate`, body: { overlap } })
    if (answer.ok) newKey.show(answer.body as unknown as NewKey) // As the server documents it.
    say(answer.ok ? `“${name}” has a successor.` : refusalOf(answer))
    await load()
  }

  async function revoke({ id, name }: ListedKey): Promise<void> {
    const answer = await session.call({ method: 'DELETE', path: `/auth/api-keys/${id}` })
    say(answer.ok ? `“${name}” is revoked: it is refused everywhere.` : refusalOf(answer))
    await load()
    byId('keys-title').focus()
  }

  function actions(listed: ListedKey): HTMLElement {
    const { name, prefix } = listed
    const options = overlaps.map(([value, text]) => make('option', { value }, text))
    const overlap = make('select', { 'aria-label': `How long ${name} (${prefix}) goes on beside its successor` }, ...options)
    return make(
      'div',
      { class: 'api-key-actions' },
      make('label', {}, 'The old one goes on', overlap),
      button('Rotate', `Rotate ${name} (${prefix})`, '', () => rotate(listed, Number(overlap.value))),
      button('Revoke', `Revoke ${name} (${prefix})`, 'danger', () => revoke(listed)),
    )
  }

  function row(listed: ListedKey): HTMLLIElement {
    const { prefix, name, scopes, createdAt, lastUsedAt } = listed
    const state = stateOf(listed, Date.now())
    const used = lastUsedAt ? `last used ${when(lastUsedAt)}` : 'never used'
    const tag = make('span', { class: 'tag', 'data-kind': state.isOver ? 'bad' : 'good' }, state.text)
    const text = make(
      'div',
      { class: 'api-key-text' },
      make('strong', {}, name, tag),
      make('code', {}, `${prefix}…`),
      make('small', {}, `made ${when(createdAt)} · `, make('span', { 'data-testid': 'last-used' }, used)),
      make('div', {}, ...chips(scopes)),
    )
    const attributes = { class: 'api-key', 'data-testid': 'api-key', 'data-state': state.isOver ? 'over' : 'in-force' }
    return make('li', attributes, text, ...(state.isOver ? [] : [actions(listed)]))
  }

  onClick('list-keys', load)
  return {
    load,
    offer: (principal) => form.offer(principal),
    reset() {
      newKey.clear()
      trial.reset()
      form.reset()
      say('')
      byId('keys').replaceChildren()
    },
  }
}

function button(text: string, label: string, look: string, run: () => Promise<unknown>): HTMLButtonElement {
  const made = make('button', { type: 'button', class: `button ${look}`.trim(), 'aria-label': label }, text)
  made.addEventListener('click', () => void busy(made, run))
  return made
}

function stateOf({ revokedAt, expiresAt }: ListedKey, nowMs: number): { isOver: boolean; text: string } {
  if (revokedAt) return { isOver: true, text: `revoked ${when(revokedAt)}` }
  if (!expiresAt) return { isOver: false, text: 'never ends by itself' }
  const isOver = Date.parse(expiresAt) <= nowMs
  return { isOver, text: `${isOver ? 'ended' : 'ends'} ${when(expiresAt)}` }
}

function refusalOf(answer: Answer): string {
  return answer.code === 'not_found' ? 'That key has ended or has a successor already.' : meaningOf(answer)
}
