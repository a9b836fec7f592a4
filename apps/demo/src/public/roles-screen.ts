import type { Principal } from './account-view.js'
import { make } from './dom.js'
import { meaningOf } from './messages.js'
import { placeScreen } from './screens.js'
import type { PageSession } from './session.js'
import { createUserRoles, type Declared } from './user-roles.js'
import { createUsersList } from './users-list.js'

const id = 'screen-roles'

/** The screen on which administrators say who may do what. For anybody else there is none, and no link to one. */
export interface RolesScreen {
  /** Makes the screen for an administrator, and removes it for anybody else. */
  showTo(principal: Principal | null): void
  /** Asks the server anew. */
  load(): Promise<void>
}

/** What the rest of the page does about it. */
export interface RolesScreenEvents {
  /** The link came or went. */
  linked(): void
  /** Somebody changed their own roles. */
  changedOwn(): void
}

/** Makes the screen. What is hidden here is only out of the way: the server guards what it does. */
export function createRolesScreen(session: PageSession, events: RolesScreenEvents): RolesScreen {
  const link = make('a', { href: '#roles', 'data-screen': id }, 'Roles')
  const screen = make('div', { class: 'dashboard', id })
  let reload: (() => Promise<void>) | null = null

  async function build(): Promise<void> {
    const answer = await session.call({ method: 'GET', path: '/api/admin/roles' })
    if (!screen.isConnected) return
    if (!answer.ok) return screen.replaceChildren(make('p', { class: 'error', role: 'alert' }, meaningOf(answer)))
    const declared = answer.body as unknown as Declared // The demo's own route.
    const one = createUserRoles(session, declared, async (user) => {
      await users.load()
      if (user.id === session.current()?.user.id) events.changedOwn()
    })
    const users = createUsersList(session, (user) => one.open(user))
    screen.replaceChildren(users.element, one.element)
    reload = () => users.load()
    await reload()
  }

  return {
    load: async () => (reload ? reload() : screen.isConnected ? build() : undefined),
    showTo(principal) {
      const isAdmin = principal?.roles.includes('admin') ?? false
      if (isAdmin === screen.isConnected) return
      if (!isAdmin) {
        reload = null
        screen.replaceChildren()
      }
      placeScreen(screen, link, isAdmin)
      events.linked()
    },
  }
}
