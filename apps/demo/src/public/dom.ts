/** The element with an id. The page and this script are one product: a missing one is a mistake here. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element as unknown as T // The caller knows its own page.
}

/** Makes an element. Text is text: nothing that a server said is ever read as HTML. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

/** Runs something for a button, which is disabled meanwhile: a second click changes nothing. */
export async function busy(button: HTMLButtonElement, run: () => Promise<unknown>): Promise<void> {
  if (button.disabled) return
  button.disabled = true
  button.setAttribute('aria-busy', 'true')
  try {
    await run()
  } finally {
    button.disabled = false
    button.removeAttribute('aria-busy')
  }
}

/** Runs something on every click of a button. */
export function onClick(id: string, run: () => Promise<unknown>): void {
  const button = byId<HTMLButtonElement>(id)
  button.addEventListener('click', () => void busy(button, run))
}

/** An instant for a person, on this machine's clock. */
export function when(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
