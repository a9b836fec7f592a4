import { busy, byId, make, onClick, when } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import type { Answer } from './http.js'
import { meaningOf } from './messages.js'
import type { PageSession, SignedIn } from './session.js'

/** Who the server says is calling. */
export interface Principal {
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly via: string
  readonly sessionId?: string
  readonly authenticatedAt?: string
}

/** The cards about the account. */
export interface AccountView {
  /** Greets whoever signed in. */
  show(signedIn: SignedIn): void
  /** Asks the server who is calling. */
  load(): Promise<void>
  /** Empties the forms. */
  reset(): void
}

/** What the rest of the page does about it. */
export interface AccountEvents {
  passwordChanged(): void
  /** The server said who is calling. */
  recognized(principal: Principal): void
}

/** Puts life into the cards. */
export function createAccountView(session: PageSession, events: AccountEvents): AccountView {
  const form = byId<HTMLFormElement>('form-password')
  const submit = byId<HTMLButtonElement>('submit-password')

  async function load(): Promise<void> {
    const answer = await session.call({ method: 'GET', path: '/auth/me' })
    const lock = await session.call({ method: 'GET', path: '/api/account/lock' })
    // As the server documents it, here and below.
    if (answer.ok) events.recognized(answer.body?.principal as Principal)
    const rows = answer.ok
      ? [...identityRows(answer.body?.principal as Principal, session.current()), deviceRow(lock)]
      : [['Answer', [meaningOf(answer)]] as const]
    byId('identity').replaceChildren(...rows.flatMap(([term, values]) => [make('dt', {}, term), make('dd', {}, ...values)]))
  }

  async function changePassword(): Promise<void> {
    clearErrors(form)
    const fields = new FormData(form)
    const body = { currentPassword: String(fields.get('currentPassword')), newPassword: String(fields.get('newPassword')) }
    const answer = await session.call({ method: 'POST', path: '/auth/password/change', body })
    if (!answer.ok) return showErrors(form, answer)
    form.reset()
    events.passwordChanged()
  }

  onClick('who-am-i', load)
  onClick('sign-out', () => session.leave('logout'))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(submit, changePassword)
  })

  return {
    load,
    show({ user, tokens }) {
      byId('account').hidden = false
      byId('account-email').textContent = user.email
      byId('hello').textContent = user.name ? `Hello, ${user.name}` : 'Hello'
      byId('carrier').textContent = tokens
        ? 'You are signed in with tokens that live in this tab alone.'
        : 'You are signed in with a cookie that no script can read, this page’s neither.'
      byId<HTMLInputElement>('password-account').value = user.email
    },
    reset() {
      byId('account').hidden = true
      byId('identity').replaceChildren()
      form.reset()
      clearErrors(form)
    },
  }
}

function identityRows(
  { roles, scopes, via, sessionId, authenticatedAt }: Principal,
  signedIn: SignedIn | null,
): readonly (readonly [string, readonly (Node | string)[]])[] {
  return [
    ['E-mail', [signedIn?.user.email ?? '–']],
    ['Roles', chips(roles)],
    ['Scopes', chips(scopes)],
    ['Credential', [via === 'cookie' ? 'session cookie' : 'access token']],
    ['Signed in', [authenticatedAt ? when(authenticatedAt) : '–']],
    ['Session', [make('code', {}, sessionId ?? '–')]],
  ]
}

/** Whoever is signed in is on a device that the account knows: what strangers do to it does not reach them. */
function deviceRow({ ok, body }: Answer): readonly [string, readonly string[]] {
  const until = ok && typeof body?.lockedUntil === 'string' ? body.lockedUntil : null
  if (until === null) return ['Known device', ['yes']]
  return ['Known device', [`yes. Strangers who guess your password are locked out until ${when(until)}; you are not.`]]
}

/** Names of roles or scopes. */
export function chips(names: readonly string[]): Node[] | string[] {
  return names.length === 0 ? ['none'] : names.map((name) => make('span', { class: 'chip' }, name))
}
