import { busy, byId, onClick } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import type { PageSession, SignedIn } from './session.js'

/** The cards about the address, and about the end of the account. */
export interface EmailView {
  /** Shows the address of whoever signed in. */
  show(signedIn: SignedIn): void
  /** Asks the server whether it is confirmed by now. */
  load(): Promise<void>
  /** Empties the forms. */
  reset(): void
}

/** Puts life into the cards. `notify` tells the person what was done. */
export function createEmailView(session: PageSession, notify: (text: string) => void): EmailView {
  const change = byId<HTMLFormElement>('form-email')
  const deletion = byId<HTMLFormElement>('form-delete')

  function show(email: string, isVerified: boolean): void {
    byId('own-email').textContent = email
    const badge = byId('email-badge')
    badge.textContent = isVerified ? 'verified' : 'not verified yet'
    badge.setAttribute('data-kind', isVerified ? 'good' : 'bad')
    byId('resend').hidden = isVerified
  }

  async function requestChange(): Promise<void> {
    clearErrors(change)
    const fields = new FormData(change)
    const password = String(fields.get('password') ?? '')
    const body = { newEmail: String(fields.get('newEmail') ?? '').trim(), ...(password ? { password } : {}) }
    const answer = await session.call({ method: 'POST', path: '/auth/email/change', body })
    if (!answer.ok) return showErrors(change, answer)
    change.reset()
    notify(`A link was sent to ${body.newEmail}. Your address stays as it is until it is opened.`)
  }

  async function deleteAccount(): Promise<void> {
    clearErrors(deletion)
    const password = String(new FormData(deletion).get('password') ?? '')
    const answer = await session.remove(password)
    if (!answer.ok) showErrors(deletion, answer)
  }

  onClick('resend', async () => {
    const { ok } = await session.call({ method: 'POST', path: '/auth/email/resend' })
    if (ok) notify('The link was sent again. An older one no longer works.')
  })
  change.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(byId<HTMLButtonElement>('submit-email'), requestChange)
  })
  deletion.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(byId<HTMLButtonElement>('submit-delete'), deleteAccount)
  })

  return {
    show: ({ user }) => show(user.email, user.emailVerified),
    async load() {
      const { ok, body } = await session.call({ method: 'GET', path: '/auth/me' })
      const user = body?.user as SignedIn['user'] | undefined // As the server documents it.
      if (ok && user) show(user.email, user.emailVerified)
    },
    reset() {
      for (const form of [change, deletion]) {
        form.reset()
        clearErrors(form)
      }
    },
  }
}
