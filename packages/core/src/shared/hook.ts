/** Calls into code that is not ours and whose outcome changes nothing here: what it throws or rejects with is dropped. */
export function callHook(hook: () => unknown): void {
  // An async function turns a throw into a rejection, so that one handler is enough.
  const call = async (): Promise<unknown> => hook()
  call().catch(() => undefined)
}
