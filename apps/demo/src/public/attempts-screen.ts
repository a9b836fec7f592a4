import type { Principal } from './account-view.js'
import { busy, make, when } from './dom.js'
import { createLockForm } from './lock-form.js'
import { meaningOf, meaningOfCode } from './messages.js'
import { placeScreen } from './screens.js'
import type { PageSession } from './session.js'

const id = 'screen-attempts'

/** An event as the server lists it. */
interface Listed {
  readonly type: 'login' | 'lockout' | 'lockout.lifted'
  readonly at: string
  readonly code: string | null
  readonly email: string | null
  readonly network: string | null
}

/** The screen on which administrators see what fails, and lift locks. For anybody else there is none. */
export interface AttemptsScreen {
  /** Makes the screen for an administrator, and removes it for anybody else. */
  showTo(principal: Principal | null): void
  /** Asks the server anew. */
  load(): Promise<void>
}

/** Makes the screen. `linked` hears that the link came or went. */
export function createAttemptsScreen(session: PageSession, linked: () => void): AttemptsScreen {
  const link = make('a', { href: '#attempts', 'data-screen': id }, 'Attempts')
  const list = make('ul', { class: 'session-list', 'data-testid': 'attempts' })
  const reload = make('button', { type: 'button', class: 'button quiet', id: 'list-attempts' }, 'Reload')
  const head = make('div', { class: 'card-head' }, make('h2', { id: 'attempts-title' }, 'What failed lately'), reload)
  const hint = make(
    'p',
    { class: 'hint' },
    'Of addresses that have no account nothing is kept, and of clients their network.',
  )
  const card = make('article', { class: 'card', 'aria-labelledby': 'attempts-title' }, head, list, hint)
  const lock = createLockForm(session, load)
  const screen = make('div', { class: 'dashboard', id }, lock.element, card)
  reload.addEventListener('click', () => void busy(reload, load))

  async function load(): Promise<void> {
    if (!screen.isConnected) return
    const answer = await session.call({ method: 'GET', path: '/api/admin/attempts' })
    const attempts = (answer.body?.attempts ?? []) as Listed[] // The demo's own route.
    const rows = attempts.length > 0 ? attempts.map(row) : [make('li', {}, 'Nothing yet.')]
    list.replaceChildren(...(answer.ok ? rows : [make('li', { class: 'error' }, meaningOf(answer))]))
  }

  return {
    load,
    showTo(principal) {
      const isAdmin = principal?.roles.includes('admin') ?? false
      if (isAdmin === screen.isConnected) return
      lock.reset()
      list.replaceChildren()
      placeScreen(screen, link, isAdmin)
      linked()
    },
  }
}

function row({ type, at, code, email, network }: Listed): HTMLLIElement {
  const kind = type === 'lockout' ? [make('span', { class: 'tag', 'data-kind': 'bad' }, 'locked')] : []
  const text = {
    login: meaningOfCode(code ?? ''),
    lockout: 'Too many in a row were wrong.',
    'lockout.lifted': 'The lock was lifted.',
  }
  const where = [when(at), network ?? 'by the application'].join(' · ')
  return make(
    'li',
    { class: 'session', 'data-testid': 'attempt' },
    make(
      'div',
      { class: 'session-text' },
      make('strong', {}, email ?? (code === 'too_many_attempts' ? 'Refused unseen' : 'No such account'), ' ', ...kind),
      make('small', {}, text[type]),
      make('small', {}, where),
    ),
  )
}
