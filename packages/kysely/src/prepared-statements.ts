import { createHash } from 'node:crypto'

/** What is used of a pool of `pg`. */
export interface ConnectingPool {
  connect(): Promise<object>
}

/** A statement of `pg` that a connection parses once, and plans again only while that pays. */
interface NamedStatement {
  readonly name: string
  readonly text: string
  readonly values: unknown
}

/** What the stores' statements for Postgres begin with. An application's own never do. */
export const ownMark = '/* @auth/kysely */'

/**
 * A pool of `pg` on whose connections the stores' statements are prepared: to parse and plan one anew, as happens
 * otherwise, costs the server several times what running it does. An application's own statements stay as they are.
 * Between it and the server may be PgBouncer from 1.21 on, or whatever else knows prepared statements.
 * @param pool Stays the caller's. Its other uses are not changed.
 * @example
 * const pool = new Pool({ connectionString })
 * const db = new Kysely({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) })
 */
export function withPreparedStatements<Pool extends ConnectingPool>(pool: Pool): Pool {
  const names = new Map<string, string>()
  const clients = new WeakMap<object, object>()

  function nameOf(text: string): string {
    const name = names.get(text) ?? `auth_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
    names.set(text, name)
    return name
  }

  function prepare(given: readonly unknown[]): readonly unknown[] {
    const [text, values] = given
    if (typeof text !== 'string' || !text.startsWith(ownMark)) return given
    const statement: NamedStatement = { name: nameOf(text), text, values }
    return [statement]
  }

  async function connect(): Promise<object> {
    const client = await pool.connect()
    // The same for the same client: Kysely knows connections by it.
    const known = clients.get(client) ?? overriding(client, 'query', (query, given) => query(...prepare(given)))
    clients.set(client, known)
    return known
  }

  return overriding(pool, 'connect', connect)
}

type Call = (...given: readonly unknown[]) => unknown

/** The object with one method of another make; all else is its own. */
function overriding<Target extends object>(
  target: Target,
  name: string,
  override: (original: Call, given: readonly unknown[]) => unknown,
): Target {
  return new Proxy(target, {
    get(_, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      const original: Call = (...given) => Reflect.apply(member, target, given)
      return key === name ? (...given: readonly unknown[]) => override(original, given) : member.bind(target)
    },
  })
}
