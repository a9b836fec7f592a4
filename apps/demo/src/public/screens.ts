import { byId } from './dom.js'

/** The screens of somebody who is signed in, and the links that lead to them. */
export interface Screens {
  /** Looks again which screens there are: a link came or went. */
  refresh(): void
  /** Goes to the first screen, for the next person. */
  reset(): void
}

/**
 * Shows one screen at a time: the one that the address names, or else the first. `opened` hears of each by its id; the
 * browser's own way back works.
 */
export function createScreens(opened: (id: string) => void): Screens {
  const links = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>('.screens a')]

  function show(): void {
    const all = links()
    const named = all.find((link) => link.hash === location.hash)
    // An address within a screen, as the link past the header has, leaves the screen as it is.
    const kept = location.hash === '' ? undefined : all.find((link) => link.hasAttribute('aria-current'))
    const current = named ?? kept ?? all[0]
    for (const link of all) {
      byId(idOf(link)).hidden = link !== current
      if (link === current) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    if (current) opened(idOf(current))
  }

  addEventListener('hashchange', show)
  show()
  return {
    refresh: show,
    reset() {
      history.replaceState(null, '', location.pathname)
      show()
    },
  }
}

/** Puts a screen and its link onto the page, or takes both away. A screen that comes is not the one that is looked at. */
export function placeScreen(screen: HTMLElement, link: HTMLAnchorElement, isThere: boolean): void {
  if (!isThere) {
    screen.remove()
    link.remove()
    return
  }
  screen.hidden = true
  byId('screens').append(link)
  byId('view-signed-in').append(screen)
}

function idOf(link: HTMLAnchorElement): string {
  return link.dataset.screen ?? ''
}
