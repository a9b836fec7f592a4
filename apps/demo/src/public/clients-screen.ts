import { chips, type Principal } from './account-view.js'
import { busy, make, when } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import { meaningOf } from './messages.js'
import { placeScreen } from './screens.js'
import type { PageSession } from './session.js'

const id = 'screen-clients'

/** A registered app as the demo lists it. */
interface ListedClient {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[]
  readonly secrets: readonly { readonly createdAt: string; readonly expiresAt: string | null }[]
}

/** How long an old secret may go on beside its successor. */
const overlaps = [
  ['0', 'not at all'],
  ['3600', 'for an hour'],
  ['86400', 'for a day'],
] as const

/** The screen with the registered OAuth apps. For anybody but administrators there is none. */
export interface ClientsScreen {
  /** Makes the screen for an administrator, and removes it for anybody else. */
  showTo(principal: Principal | null): void
  /** Asks the server anew. */
  load(): Promise<void>
}

/** Makes the screen. `linked` hears that the link came or went. */
export function createClientsScreen(session: PageSession, linked: () => void): ClientsScreen {
  const link = make('a', { href: '#apps', 'data-screen': id }, 'OAuth apps')
  const list = make('ul', { class: 'session-list', 'data-testid': 'clients' })
  const said = make('p', { class: 'hint', role: 'status', 'aria-live': 'polite', 'data-testid': 'clients-status' })
  const secret = make('code', { 'data-testid': 'client-secret' })
  const title = make('h2', { id: 'clients-title' }, 'Registered apps')
  const card = make('article', { class: 'card', 'aria-labelledby': title.id }, title, said, secret, list)
  const register = registerForm(session, made)
  const screen = make('div', { class: 'dashboard', id }, register.element, card)

  function say(text: string, shown = ''): void {
    said.textContent = text
    secret.textContent = shown
  }

  async function made({ id: clientId, name, secret: text }: { id: string; name: string; secret: string }): Promise<void> {
    say(`“${name}” is registered as ${clientId}. Its secret is shown this once:`, text)
    await load()
  }

  async function load(): Promise<void> {
    if (!screen.isConnected) return
    const answer = await session.call({ method: 'GET', path: '/api/admin/clients' })
    const clients = (answer.body?.clients ?? []) as ListedClient[] // The demo's own route.
    const rows = clients.length > 0 ? clients.map(row) : [make('li', { class: 'hint' }, 'None yet.')]
    list.replaceChildren(...(answer.ok ? rows : [make('li', { class: 'error' }, meaningOf(answer))]))
  }

  async function rotate({ id: clientId, name }: ListedClient, overlap: number): Promise<void> {
    const path = '/api/admin/clients/rotate'
    const answer = await session.call({ method: 'POST', path, body: { id: clientId, overlap } })
    if (answer.ok) say(`“${name}” has a new secret, shown this once:`, String(answer.body?.secret))
    else say(meaningOf(answer))
    await load()
  }

  async function remove({ id: clientId, name }: ListedClient): Promise<void> {
    const answer = await session.call({ method: 'POST', path: '/api/admin/clients/remove', body: { id: clientId } })
    say(answer.ok ? `“${name}” is removed: its tokens are refused everywhere.` : meaningOf(answer))
    await load()
  }

  function row(client: ListedClient): HTMLLIElement {
    const { name, scopes, redirectUris, secrets } = client
    const options = overlaps.map(([value, text]) => make('option', { value }, text))
    const overlap = make('select', { 'aria-label': `How long the old secret of ${name} goes on` }, ...options)
    const text = make(
      'div',
      { class: 'api-key-text' },
      make('strong', {}, name),
      make('code', {}, client.id),
      make('small', {}, redirectUris.join(' ')),
      make('small', { 'data-testid': 'client-secrets' }, secrets.map(secretText).join(' · ')),
      make('div', {}, ...chips(scopes)),
    )
    const actions = make(
      'div',
      { class: 'api-key-actions' },
      make('label', {}, 'The old secret goes on', overlap),
      button('Rotate secret', `Rotate the secret of ${name}`, '', () => rotate(client, Number(overlap.value))),
      button('Remove', `Remove ${name}`, 'danger', () => remove(client)),
    )
    return make('li', { class: 'api-key oauth-app', 'data-testid': 'client' }, text, actions)
  }

  return {
    load,
    showTo(principal) {
      const isAdmin = principal?.roles.includes('admin') ?? false
      if (isAdmin === screen.isConnected) return
      register.reset()
      say('')
      list.replaceChildren()
      placeScreen(screen, link, isAdmin)
      linked()
    },
  }
}

/** The card in which an app is registered. `made` is given what the server answers. */
function registerForm(
  session: PageSession,
  made: (client: { id: string; name: string; secret: string }) => Promise<void>,
): { readonly element: HTMLElement; reset(): void } {
  const field = (name: string, path: string, label: string): HTMLElement => {
    const input = make('input', { id: `client-${name}`, name: path, autocomplete: 'off', required: '' })
    const error = make('p', { class: 'error', id: `${input.id}-error`, 'data-error': path })
    input.setAttribute('aria-describedby', error.id)
    return make('div', { class: 'field' }, make('label', { for: input.id }, label), input, error)
  }
  const submit = make('button', { type: 'submit', class: 'button primary', id: 'register-client' }, 'Register')
  const title = make('h2', { id: 'register-client-title' }, 'Register an app')
  const form = make(
    'form',
    { id: 'form-client', novalidate: '', 'aria-labelledby': title.id },
    field('name', 'name', 'Name, as people will see it'),
    field('redirect', 'redirectUris', 'Redirect URI'),
    make('p', { class: 'error form-error', role: 'alert' }),
    submit,
  )

  async function send(): Promise<void> {
    clearErrors(form)
    const fields = new FormData(form)
    const body = { name: String(fields.get('name')).trim(), redirectUri: String(fields.get('redirectUris')).trim() }
    const answer = await session.call({ method: 'POST', path: '/api/admin/clients', body })
    if (!answer.ok) return showErrors(form, answer)
    form.reset()
    await made(answer.body as unknown as Parameters<typeof made>[0]) // The demo's own route.
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(submit, send)
  })
  const element = make('article', { class: 'card', 'aria-labelledby': title.id }, title, form)
  return {
    element,
    reset() {
      form.reset()
      clearErrors(form)
    },
  }
}

function secretText({ createdAt, expiresAt }: ListedClient['secrets'][number]): string {
  return expiresAt ? `secret of before, ends ${when(expiresAt)}` : `secret made ${when(createdAt)}`
}

function button(text: string, label: string, look: string, run: () => Promise<unknown>): HTMLButtonElement {
  const made = make('button', { type: 'button', class: `button ${look}`.trim(), 'aria-label': label }, text)
  made.addEventListener('click', () => void busy(made, run))
  return made
}
