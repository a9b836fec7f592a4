/** Next calls this once, before it answers the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const exchanges = await import('@auth/next/instrumentation')
  exchanges.register()
  const { startDemo } = await import('./start-demo')
  await startDemo()
}
