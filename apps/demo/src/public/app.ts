import { createAccountView } from './account-view.js'
import { createApiView } from './api-view.js'
import { createAttemptsScreen } from './attempts-screen.js'
import { createAuditScreen } from './audit-screen.js'
import { createClientsScreen } from './clients-screen.js'
import { byId } from './dom.js'
import { createEmailView } from './email-view.js'
import { createFirstPassword } from './first-password.js'
import { createForgottenPassword } from './forgotten-password.js'
import { createKeysView } from './keys-view.js'
import { followTrip } from './provider-links.js'
import { createProvidersView } from './providers-view.js'
import { readReturnTrip } from './return-trip.js'
import { createRolesScreen } from './roles-screen.js'
import { createScreens } from './screens.js'
import { createPageSession, type SignedIn } from './session.js'
import { createSessionsView } from './sessions-view.js'
import { createSignInView } from './sign-in-view.js'
import { createTokenView } from './token-view.js'

let shown: string | null = null
const trip = readReturnTrip(location)

const session = createPageSession({ mayRefresh: () => tokens.refreshesByItself(), changed, ended })
const signIn = createSignInView(session, notify, trip)
const tokens = createTokenView(session)
const api = createApiView(session)
const sessions = createSessionsView(session)
const keys = createKeysView(session)
const account = createAccountView(session, {
  passwordChanged() {
    notify('Your password is changed. Every other session has ended.')
    void sessions.load()
  },
  recognized(principal) {
    keys.offer(principal)
    roles.showTo(principal)
    attempts.showTo(principal)
    audit.showTo(principal)
    clients.showTo(principal)
  },
})
const email = createEmailView(session, notify)
const providers = createProvidersView(session)
const firstPassword = createFirstPassword(session, notify)
createForgottenPassword(notify)
followTrip(trip)
const roles = createRolesScreen(session, { linked: () => screens.refresh(), changedOwn: () => void account.load() })
const attempts = createAttemptsScreen(session, () => screens.refresh())
const audit = createAuditScreen(session, () => screens.refresh())
const clients = createClientsScreen(session, () => screens.refresh())
const screens = createScreens(open)

function changed(signedIn: SignedIn): void {
  // What sent somebody here looks at the cookie, as any page of this origin can.
  if (trip.target !== null && signedIn.tokens === null) {
    location.replace(trip.target)
    return
  }
  tokens.show(signedIn.tokens)
  if (shown === signedIn.user.id) return
  shown = signedIn.user.id
  notify('')
  account.show(signedIn)
  email.show(signedIn)
  api.reset()
  show('view-signed-in', 'hello')
  void account.load()
  void sessions.load()
  void keys.load()
  void providers.load()
  void firstPassword.load()
}

/** What a screen shows may have changed while another one was looked at. */
function open(screen: string): void {
  if (shown === null) return
  audit.opened(screen)
  if (screen === 'screen-roles') void roles.load()
  if (screen === 'screen-account') void email.load()
  if (screen === 'screen-attempts') void attempts.load()
  if (screen === 'screen-clients') void clients.load()
  if (screen !== 'screen-api-keys') return
  void account.load()
  void keys.load()
}

function ended(notice: string): void {
  shown = null
  account.reset()
  email.reset()
  providers.reset()
  firstPassword.reset()
  signIn.reset()
  keys.reset()
  roles.showTo(null)
  attempts.showTo(null)
  audit.showTo(null)
  clients.showTo(null)
  screens.reset()
  byId('sessions').replaceChildren()
  show('view-signed-out', 'welcome-title')
  notify(notice)
}

/** Shows one view. The focus goes to its heading, so that nobody is left in a part that is gone. */
function show(view: 'view-signed-in' | 'view-signed-out', heading: string): void {
  for (const id of ['view-signed-in', 'view-signed-out']) byId(id).hidden = id !== view
  byId(heading).focus({ preventScroll: true })
  scrollTo({ top: 0 })
}

function notify(text: string): void {
  byId('notice').textContent = text
  byId('notice').hidden = text === ''
}

const resumed = trip.isForced ? Promise.resolve() : session.resume()
void resumed.finally(() => document.documentElement.setAttribute('data-ready', ''))
if (trip.target !== null) notify('Sign in to go on to the app that sent you here.')
