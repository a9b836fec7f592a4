import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Answer, type Call, send } from './client.js'
import type { FailPoint, Message, NodeSettings, Order } from './node/settings.js'
import { type OpenStores, openStores } from './node/stores.js'
import { nodeProgram } from './node-program.js'
import type { TestStorage } from './storages.js'

/** One node: a process that serves a real `Auth` on a port of its own. */
export interface TestNode {
  readonly url: string
  readonly pid: number
  /** Sends it a request. */
  call(method: string, path: string, call?: Call): Promise<Answer>
  /** Tells it to do something; resolves with what it answers. */
  order(order: Order): Promise<unknown>
  /** Sets a fail-point, for the next call that passes it. */
  arm(point: FailPoint): Promise<void>
  /** Resolves once something hangs at a fail-point. */
  reached(): Promise<void>
  /** How it ended, once it has: an exit code or a signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Ends it. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

/** Several nodes over the same stores. */
export interface Deployment {
  /** Stores of the test's own over the same data. */
  readonly opened: OpenStores
  /** Starts one more node. */
  start(settings?: Omit<NodeSettings, 'storage'> & Partial<Pick<NodeSettings, 'storage'>>): Promise<TestNode>
  /** Ends all nodes, and removes the data. */
  remove(): Promise<void>
}

/** Makes a deployment without any node; with tables, unless it is to be empty. */
export async function createDeployment(create: () => Promise<TestStorage>, { isEmpty = false } = {}): Promise<Deployment> {
  const { storage, remove } = await create()
  const opened = openStores(storage)
  if (!isEmpty) await opened.prepare()
  const nodes: TestNode[] = []
  return {
    opened,
    async start(settings = {}) {
      const node = await startNode({ storage, ...settings })
      nodes.push(node)
      return node
    },
    async remove() {
      await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
      await opened.close()
      await remove()
    },
  }
}

/** Starts a node, and waits until it answers. @throws with what it failed with */
export async function startNode(settings: NodeSettings): Promise<TestNode> {
  const child = fork(nodeProgram(), [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null)
  const first = await Promise.race([nextMessage(child), ended])
  if (typeof first !== 'object' || first?.kind !== 'ready')
    throw new Error(`The node did not start: ${JSON.stringify(first)}`)
  const url = `http://127.0.0.1:${first.port}`
  const order = createOrders(child, ended)
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    order,
    call: (method, path, call) => send(url, method, path, call),
    arm: async (point) => void (await order({ kind: 'arm', point })),
    reached: () => untilReached(child, ended),
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}

type Ended = TestNode['ended']

function createOrders(child: ChildProcess, ended: Ended): TestNode['order'] {
  let last = 0
  const waiting = new Map<number, (value: unknown) => void>()
  child.on('message', (message: Message) => {
    if (message.kind !== 'answer') return
    waiting.get(message.id)?.(message.value)
    waiting.delete(message.id)
  })
  return async (order) => {
    const id = last++
    const answered = new Promise((resolve) => waiting.set(id, resolve))
    child.send({ id, order })
    return Promise.race([answered, ended.then((how) => Promise.reject(new Error(`The node ended: ${how}`)))])
  }
}

/** Listens all the while: several messages may come at once. */
async function untilReached(child: ChildProcess, ended: Ended): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    const listen = (message: Message): void => {
      if (message.kind !== 'reached') return
      child.off('message', listen)
      resolve()
    }
    child.on('message', listen)
  })
  const isReached = await Promise.race([reached.then(() => true), ended.then(() => false)])
  if (!isReached) throw new Error('The node ended before')
}

function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => child.once('message', resolve))
}
