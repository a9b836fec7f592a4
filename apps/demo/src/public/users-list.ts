import { chips } from './account-view.js'
import { busy, make } from './dom.js'
import { meaningOf } from './messages.js'
import type { PageSession } from './session.js'

/** A user as the server lists them. */
export interface ListedUser {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly roles: readonly string[]
}

/** The card with everybody who has an account, a page at a time. */
export interface UsersList {
  readonly element: HTMLElement
  /** Asks the server for the page that is shown. */
  load(): Promise<void>
}

/** Makes the card. `opened` is given the user that somebody picks. */
export function createUsersList(session: PageSession, opened: (user: ListedUser) => Promise<void>): UsersList {
  /** Where each page up to the one that is shown begins. */
  const begins: (string | null)[] = [null]
  let next: string | null = null
  let loads = 0
  const list = make('ul', { class: 'session-list', 'data-testid': 'users' })
  const status = make('small', { role: 'status', 'aria-live': 'polite', 'data-testid': 'users-status' })
  const back = pageButton('Previous', () => begins.pop())
  const forth = pageButton('Next', () => begins.push(next))
  const title = make('h2', { id: 'users-title' }, 'Users')
  const pages = make('div', { class: 'row' }, back, forth, status)
  const element = make('article', { class: 'card', 'aria-labelledby': 'users-title' }, title, list, pages)

  function pageButton(text: string, turn: () => unknown): HTMLButtonElement {
    const button = make('button', { type: 'button', class: 'button', 'aria-label': `${text} page of users` }, text)
    const turnAndLoad = (): Promise<void> => {
      turn()
      return load()
    }
    button.addEventListener('click', () => void busy(button, turnAndLoad).then(settle))
    return button
  }

  function settle(): void {
    back.disabled = begins.length === 1
    forth.disabled = next === null
  }

  async function load(): Promise<void> {
    const asked = ++loads
    const after = begins.at(-1) ?? null
    const path = after === null ? '/auth/users' : `/auth/users?after=${encodeURIComponent(after)}`
    const answer = await session.call({ method: 'GET', path })
    if (asked !== loads) return
    const users = (answer.body?.users ?? []) as ListedUser[] // As the server documents it, and `next` too.
    next = (answer.body?.next ?? null) as string | null
    settle()
    status.textContent = answer.ok ? `Page ${begins.length}, ${users.length} of them` : ''
    list.replaceChildren(...(answer.ok ? users.map(row) : [make('li', { class: 'error' }, meaningOf(answer))]))
  }

  function row(user: ListedUser): HTMLLIElement {
    const { email, name, roles } = user
    const button = make('button', { type: 'button', class: 'button', 'aria-label': `Roles of ${email}` }, 'Open')
    button.addEventListener('click', () => void busy(button, () => opened(user)))
    const named = name ? [make('small', {}, name)] : []
    const text = make(
      'div',
      { class: 'session-text' },
      make('strong', {}, email),
      ...named,
      make('div', {}, ...chips(roles)),
    )
    return make('li', { class: 'session', 'data-testid': 'user' }, text, button)
  }

  return { element, load }
}
