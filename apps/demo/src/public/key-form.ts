import type { Principal } from './account-view.js'
import { busy, byId, make } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import type { NewKey } from './new-key-view.js'
import type { PageSession } from './session.js'

/** What the scopes that this app knows are for. */
const known: Readonly<Record<string, string>> = {
  'read:orders': 'List orders',
  'write:orders': 'Place orders',
  'users:read': 'List the users',
  'users:manage': 'Disable users',
}

/** The form that makes keys. */
export interface KeyForm {
  /** Offers the scopes that somebody has. */
  offer(principal: Principal): void
  /** Empties the form. */
  reset(): void
}

/** Puts life into the form. `made` is given the key, which is never to be had again. */
export function createKeyForm(session: PageSession, made: (key: NewKey) => void): KeyForm {
  const form = byId<HTMLFormElement>('form-key')
  let offered = ''

  async function create(): Promise<void> {
    clearErrors(form)
    const answer = await session.call({ method: 'POST', path: '/auth/api-keys', body: wishOf(new FormData(form)) })
    if (!answer.ok) return showErrors(form, answer)
    form.reset()
    made(answer.body as unknown as NewKey) // As the server documents it.
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(byId<HTMLButtonElement>('submit-key'), create)
  })

  return {
    offer({ scopes }) {
      const names = scopes.includes('*') ? Object.keys(known) : scopes
      if (names.join() === offered) return
      offered = names.join()
      byId('key-scopes').replaceChildren(...names.map(option))
    },
    reset() {
      form.reset()
      clearErrors(form)
    },
  }
}

function option(scope: string): HTMLElement {
  const input = make('input', { type: 'checkbox', name: 'scopes', value: scope, id: `key-scope-${scope}` })
  // Reading harms least: it is what a form that was just opened, or emptied, has chosen.
  input.defaultChecked = scope === 'read:orders'
  const text = make('span', {}, make('strong', {}, known[scope] ?? scope), make('small', {}, scope))
  return make('label', { class: 'option', for: input.id }, input, text)
}

function wishOf(fields: FormData): object {
  const life = String(fields.get('expiresIn') ?? '')
  const networks = String(fields.get('allowedIps') ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
  return {
    name: String(fields.get('name') ?? '').trim(),
    scopes: fields.getAll('scopes').map(String),
    ...(life ? { expiresIn: Number(life) } : {}),
    ...(networks.length > 0 ? { allowedIps: networks } : {}),
  }
}
