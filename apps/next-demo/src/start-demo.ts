import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server } from 'node:http'
import { setDemo } from './demo'

/** Opens what the app serves. Next is listening by then, and has written its port into the environment. */
export async function startDemo(): Promise<void> {
  // Node's own import: what is in there reads files beside itself, and loads native code. A package that was installed would be
  // named in `serverExternalPackages`; those of one workspace are always bundled.
  const { demoSettings, failStart, openDemo, stopOnSignal } = await import(/* turbopackIgnore: true */ '@auth-sdk/demo')
  try {
    const settings = demoSettings(process.env, [])
    const demo = await openDemo(settings, settings.PORT)
    setDemo(demo)
    stopOnSignal(watchForServer(), async () => {
      await demo.close()
      process.exit(0)
    })
    console.log(`ready: http://localhost:${settings.PORT}`)
  } catch (error) {
    failStart(error)
  }
}

/** The server that Next made; nothing gives it away before its first request, and until then there is nothing to wait for. */
function watchForServer(): () => Server | undefined {
  let server: Server | undefined
  subscribe('http.server.request.start', (message) => {
    const started = message as { readonly server: Server; readonly request: IncomingMessage } // As Node documents the channel.
    server ??= started.server
    // Next takes a path that cannot be decoded for a fault of its own, and answers 500. There is nothing at it.
    if (!isDecodable(started.request.url ?? '')) started.request.url = '/undecodable'
  })
  return () => server
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path.split('?')[0] ?? '')
    return true
  } catch {
    return false
  }
}
