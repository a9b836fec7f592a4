/** A mistake in how the demo was started; its message is for the person who did. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
