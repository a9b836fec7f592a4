import { busy, byId } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import { ask } from './http.js'

interface LinkPage {
  readonly path: string
  readonly title: string
  readonly lead: string
  readonly action: string
  readonly done: string
  readonly asksPassword?: boolean
}

/** What the links in mails lead to. Nothing is used up before the button is pressed: scanners of mail open links, too. */
const pages: Readonly<Record<string, LinkPage>> = {
  '/verify-email': {
    path: '/auth/email/verify',
    title: 'Confirm your address',
    lead: 'One click, and this address is known to be yours.',
    action: 'Confirm the address',
    done: 'The address is confirmed.',
  },
  '/reset-password': {
    path: '/auth/password/reset',
    title: 'Choose a new password',
    lead: 'All your sessions end, on every device. Then sign in with the new password.',
    action: 'Set the password',
    done: 'The new password is set. Sign in with it.',
    asksPassword: true,
  },
  '/not-me': {
    path: '/auth/security/not-me',
    title: 'Was this not you?',
    lead: 'All sessions of your account end, and its password stops working. A mail leads you to a new one.',
    action: 'End all sessions',
    done: 'All sessions are ended. We have sent you a mail to choose a new password.',
  },
}

const page = pages[location.pathname]
const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket') ?? ''
// Nobody who looks at this tab's history later finds it.
history.replaceState(null, '', location.pathname)

const form = byId<HTMLFormElement>('form-ticket')
const submit = byId<HTMLButtonElement>('submit-ticket')

async function send({ path, asksPassword = false, done }: LinkPage): Promise<void> {
  clearErrors(form)
  const newPassword = String(new FormData(form).get('newPassword') ?? '')
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(asksPassword ? { ticket, newPassword } : { ticket })
  const answer = await ask(() => fetch(path, { method: 'POST', headers, body }))
  if (!answer.ok) return showErrors(form, answer)
  form.hidden = true
  byId('title').textContent = 'Done'
  byId('lead').textContent = done
  byId('title').focus()
}

if (page) {
  document.title = `${page.title} · Auth SDK demo`
  byId('title').textContent = page.title
  byId('lead').textContent = page.lead
  byId('field-new-password').hidden = !page.asksPassword
  submit.textContent = page.action
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(submit, () => send(page))
  })
}
document.documentElement.setAttribute('data-ready', '')
