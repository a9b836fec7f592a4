import type { RedisPort } from './redis-port.js'
import { toText } from './scripts.js'

/**
 * What about a server's settings breaks promises, for a person to read. Asks one server of a cluster, and says nothing
 * about what it may not ask.
 */
export async function checkServer(port: RedisPort): Promise<readonly string[]> {
  const [policy, appendOnly] = await Promise.all([setting(port, 'maxmemory-policy'), setting(port, 'appendonly')])
  const warnings: string[] = []
  if (policy !== null && policy !== 'noeviction') {
    warnings.push(
      `Redis evicts keys (maxmemory-policy is ${policy}): sessions, attempts and revocations may be forgotten. Set noeviction.`,
    )
  }
  if (appendOnly !== null && appendOnly !== 'yes') {
    warnings.push(
      'Redis keeps no append-only file: a restart forgets the last sessions, attempts and revocations. Set appendonly yes.',
    )
  }
  return warnings
}

async function setting(port: RedisPort, name: string): Promise<string | null> {
  try {
    const reply: unknown = await port.send(undefined, ['CONFIG', 'GET', name])
    if (Array.isArray(reply)) return toText(reply[1])
    // RESP3 has maps, which clients give as objects.
    const value: unknown =
      reply instanceof Map ? reply.get(name) : typeof reply === 'object' && reply ? Reflect.get(reply, name) : null
    return typeof value === 'string' ? value : null
  } catch {
    return null // Many services forbid the question.
  }
}
