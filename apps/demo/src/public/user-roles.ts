import { chips } from './account-view.js'
import { busy, make } from './dom.js'
import type { Answer } from './http.js'
import { meaningOf } from './messages.js'
import type { PageSession } from './session.js'
import type { ListedUser } from './users-list.js'
import { createWhyForm } from './why-form.js'

/** What the app declares. */
export interface Declared {
  readonly roles: readonly { readonly name: string; readonly scopes: readonly string[] }[]
  readonly scopes: readonly string[]
}

/** What a user has been assigned, and what that comes to. */
interface Rights {
  readonly assigned: readonly string[]
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
}

/** The card with the roles of one user. */
export interface UserRoles {
  readonly element: HTMLElement
  /** Shows a user, as the server has them now. */
  open(user: ListedUser): Promise<void>
}

/** Makes the card. `changed` is called with the user whose roles are others now. */
export function createUserRoles(
  session: PageSession,
  declared: Declared,
  changed: (user: ListedUser) => Promise<void>,
): UserRoles {
  let shown: ListedUser | null = null
  const title = make('h2', { id: 'user-title', tabindex: '-1' }, 'Roles of a user')
  const boxes = declared.roles.map(({ name, scopes }) => {
    const input = make('input', { type: 'checkbox', name: 'roles', value: name, id: `role-${name}` })
    const text = make('span', {}, make('strong', {}, name), make('small', {}, scopes.join(', ') || 'no scopes'))
    return { input, label: make('label', { class: 'option', for: input.id }, input, text) }
  })
  const submit = make('button', { type: 'submit', class: 'button primary', id: 'assign-roles' }, 'Assign')
  const status = make('p', { class: 'hint', role: 'status', 'aria-live': 'polite', 'data-testid': 'roles-status' })
  const choice = make('fieldset', { class: 'choice' }, make('legend', {}, 'Roles'), ...boxes.map(({ label }) => label))
  const form = make('form', { id: 'form-roles' }, choice, submit, status)
  const effective = make('dl', { class: 'effective', 'data-testid': 'effective' })
  const why = createWhyForm(session, declared)
  const details = make('div', { hidden: '' }, form, effective, why.element)
  const invitation = make('p', { class: 'hint' }, 'Open a user to see what they may do, and why.')
  const element = make('article', { class: 'card', 'aria-labelledby': title.id }, title, invitation, details)

  async function read(user: ListedUser): Promise<void> {
    const answer = await session.call({ method: 'GET', path: `/api/admin/users/${encodeURIComponent(user.id)}` })
    if (user !== shown) return
    if (!answer.ok) return say(meaningOf(answer))
    const { assigned, roles, scopes } = answer.body as unknown as Rights // The demo's own route.
    for (const { input } of boxes) input.checked = assigned.includes(input.value)
    effective.replaceChildren(
      make('dt', {}, 'Effective roles'),
      make('dd', {}, ...chips(roles)),
      make('dt', {}, 'Effective scopes'),
      make('dd', {}, ...chips(scopes)),
    )
  }

  function say(text: string): void {
    status.textContent = text
  }

  async function assign(user: ListedUser): Promise<void> {
    const roles = boxes.filter(({ input }) => input.checked).map(({ input }) => input.value)
    const path = `/auth/users/${encodeURIComponent(user.id)}/roles`
    const answer = await session.call({ method: 'PUT', path, body: { roles } })
    await read(user)
    if (user === shown) say(answer.ok ? 'Assigned: it acts at once.' : refusalOf(answer))
    if (answer.ok) await changed(user)
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const user = shown
    if (user) void busy(submit, () => assign(user))
  })

  return {
    element,
    async open(user) {
      shown = user
      say('')
      title.textContent = user.email
      effective.replaceChildren()
      why.ask(user.id)
      await read(user)
      if (user !== shown) return
      invitation.hidden = true
      details.hidden = false
      title.focus()
    },
  }
}

/** Who may grant what has rules of its own; the server's detail names the one that was broken. */
function refusalOf(answer: Answer): string {
  const detail = answer.body?.detail
  return typeof detail === 'string' ? `The server refuses: ${detail}.` : meaningOf(answer)
}
