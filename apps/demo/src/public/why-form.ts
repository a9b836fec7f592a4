import { busy, make } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import type { PageSession } from './session.js'
import type { Declared } from './user-roles.js'

/** The form that asks why somebody may, or may not. */
export interface WhyForm {
  readonly element: HTMLFormElement
  /** Asks about this user from now on. */
  ask(userId: string): void
}

/** Makes the form. */
export function createWhyForm(session: PageSession, { roles, scopes }: Declared): WhyForm {
  let about = ''
  const scope = make('input', { id: 'why-scope', name: 'scope', list: 'why-scopes', autocomplete: 'off' })
  scope.setAttribute('aria-describedby', 'why-scope-error')
  const known = make('datalist', { id: 'why-scopes' }, ...scopes.map((value) => make('option', { value })))
  const scopeError = make('p', { class: 'error', id: 'why-scope-error', 'data-error': 'scope' })
  const names = roles.map(({ name }) => make('option', { value: name }, name))
  const role = make('select', { id: 'why-role', name: 'role' }, make('option', { value: '' }, 'none'), ...names)
  const submit = make('button', { type: 'submit', class: 'button', id: 'ask-why' }, 'Why?')
  const verdict = make('span', { class: 'status', 'data-testid': 'why-verdict' })
  const text = make('pre', { 'data-testid': 'why-text' })
  const answered = make('div', { class: 'why', 'aria-live': 'polite' })
  const element = make(
    'form',
    { id: 'form-why', novalidate: '', 'aria-label': 'Ask why' },
    make('p', {}, make('strong', {}, 'May they do what asks for …')),
    make('div', { class: 'field' }, make('label', { for: scope.id }, 'Scope'), scope, known, scopeError),
    make('div', { class: 'field' }, make('label', { for: role.id }, 'Role'), role),
    make('p', { class: 'error form-error', role: 'alert' }),
    submit,
    answered,
  )

  async function ask(): Promise<void> {
    clearErrors(element)
    answered.replaceChildren()
    const user = about
    const query = new URLSearchParams({ user })
    if (scope.value.trim()) query.set('scope', scope.value.trim())
    if (role.value) query.set('role', role.value)
    const answer = await session.call({ method: 'GET', path: `/api/admin/explain?${query}` })
    if (user !== about) return
    if (!answer.ok) return showErrors(element, answer)
    const isAllowed = answer.body?.allowed === true
    verdict.textContent = isAllowed ? 'allowed' : 'denied'
    verdict.setAttribute('data-kind', isAllowed ? 'good' : 'bad')
    text.textContent = String(answer.body?.text)
    answered.replaceChildren(verdict, text)
  }

  element.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(submit, ask)
  })

  return {
    element,
    ask(userId) {
      about = userId
      clearErrors(element)
      answered.replaceChildren()
    },
  }
}
