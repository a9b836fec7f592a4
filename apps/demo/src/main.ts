import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { demoSettings, failStart, openDemo } from './open-demo.js'
import { createDemoServer } from './servers/index.js'
import { StartError } from './start-error.js'
import { stopOnSignal } from './stop.js'

async function start(): Promise<void> {
  const settings = demoSettings(process.env, process.argv.slice(2))
  let answer: RequestListener = (_req, res) => void res.writeHead(503, { 'retry-after': '1' }).end()
  const server = createServer((req, res) => answer(req, res))
  const port = await listen(server, settings.PORT)
  const { auth, endpoints, close } = await openDemo(settings, port)
  answer = (await createDemoServer(settings.adapter, { auth, endpoints })).listener
  stopOnSignal(() => server, close)
  console.log(`ready: http://localhost:${port}`)
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new StartError(`cannot listen on port ${port}: ${error.message}`)))
    server.listen(port, () => resolve((server.address() as AddressInfo).port)) // A TCP server has no other address.
  })
}

start().catch(failStart)
