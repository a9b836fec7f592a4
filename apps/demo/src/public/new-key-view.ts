import { byId, onClick } from './dom.js'

/** A key as the server answers it when it is made. */
export interface NewKey {
  readonly id: string
  readonly key: string
  readonly name: string
}

/** The card that shows a new key, once. */
export interface NewKeyView {
  /** Shows a key. The focus goes to it: whoever overlooks it has lost it. */
  show(made: NewKey): void
  /** Forgets the key. */
  clear(): void
}

/** Puts life into the card. `tried` is given the key that somebody wants to call with. */
export function createNewKeyView(tried: (key: string) => void): NewKeyView {
  const text = byId('new-key-text')
  const status = byId('copy-status')
  const keyText = (): string => text.textContent ?? ''

  function clear(): void {
    byId('new-key').hidden = true
    text.textContent = ''
    status.textContent = ''
  }

  async function copy(): Promise<void> {
    try {
      // Absent where the page did not come over https or from this machine.
      await navigator.clipboard.writeText(keyText())
      status.textContent = 'Copied. Keep it where secrets are kept, and out of the code.'
    } catch {
      getSelection()?.selectAllChildren(text)
      status.textContent = 'The browser does not let this page copy. The key is selected: copy it from the keyboard.'
    }
  }

  onClick('copy-key', copy)
  onClick('try-new-key', async () => tried(keyText()))
  onClick('dismiss-key', async () => {
    clear()
    byId('keys-title').focus()
  })

  return {
    clear,
    show({ key, name }) {
      byId('new-key-title').textContent = `Your new key “${name}”`
      text.textContent = key
      status.textContent = ''
      byId('new-key').hidden = false
      byId('new-key-title').focus({ preventScroll: true })
      byId('new-key').scrollIntoView({ block: 'nearest' })
    },
  }
}
