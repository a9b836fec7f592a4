/** A Postgres database, as `DATABASE_URL` names it. */
export interface PostgresAddress {
  /** With whatever password is in it: never to be shown. */
  readonly url: string
  /** Host, port and database, for people to read. */
  readonly label: string
}

/** A Redis or a Redis Cluster, as `REDIS_URL` names it. */
export interface RedisAddress {
  /** What it is and where, for people to read. */
  readonly label: string
  /** A server's URL, or some of the nodes of a cluster. */
  readonly target: string | ClusterTarget
}

/** What a client needs to find a cluster. */
export interface ClusterTarget {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly username?: string
  readonly password?: string
}

/** Reads `postgres://user:password@host:5432/database`; `null` where it is none. */
export function parsePostgresUrl(text: string): PostgresAddress | null {
  const url = parseUrl(text)
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) return null
  // Without a host it is a socket on this machine.
  const host = url.hostname === '' ? 'this machine' : `${url.hostname}:${url.port || 5432}`
  return { url: text, label: `${host}${url.pathname}` }
}

/** Reads `redis://host:6379/0`, `rediss://…` or `redis+cluster://host:port,host:port`; `null` where it is none. */
export function parseRedisUrl(text: string): RedisAddress | null {
  if (text.startsWith(clusterScheme)) return parseClusterUrl(text.slice(clusterScheme.length))
  const url = parseUrl(text)
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') return null
  if (!/^(?:\/\d*)?$/.test(url.pathname)) return null
  return { label: `Redis at ${url.hostname}:${url.port || 6379}`, target: text }
}

const clusterScheme = 'redis+cluster://'

function parseClusterUrl(rest: string): RedisAddress | null {
  const [, account, list = ''] = /^(?:([^@/]*)@)?([^@/?#]+)\/?$/.exec(rest) ?? []
  const nodes = list.split(',').map(parseNode)
  const login = account === undefined ? {} : parseAccount(account)
  if (login === null || !nodes.every((node) => node !== null)) return null
  const label = `Redis Cluster at ${nodes.map(({ host, port }) => `${host}:${port}`).join(', ')}`
  return { label, target: { nodes, ...login } }
}

function parseNode(text: string): { host: string; port: number } | null {
  const url = /^[^\s,]+:\d+$/.test(text) ? parseUrl(`redis://${text}`) : null
  return url?.hostname ? { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) } : null
}

function parseAccount(text: string): { username?: string; password?: string } | null {
  const url = parseUrl(`redis://${text}@host`)
  if (!url) return null
  try {
    const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) }
  } catch {
    return null
  }
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}
