import type { RevocationEntry, RevocationTarget } from './revocation-store.js'

/** Kinds of what can be taken back. */
export type RevocationKind = 'session' | 'jti' | 'user' | 'apiKey' | 'client' | 'kid'

/** What is taken back at the moment. Times are monotonic: the wall clock may jump. */
export interface RevocationSet {
  /** Takes something back for a while. What is taken back already stays so at least as long. Forgets what is over. */
  add(target: RevocationTarget, nowMs: number, forMs: number): void
  /** Whether something is taken back; of a user, tokens of this version. */
  has(kind: RevocationKind, id: string, version?: number): boolean
  /** Whether a client is taken back at this time. Unlike all the others it may come back, once what it had is over. */
  hasClient(id: string, nowMs: number): boolean
  /** How many entries it holds. */
  readonly size: number
}

interface Held {
  readonly belowVersion: number
  readonly untilMs: number
}

const pruneEveryMs = 60_000

/** Makes an empty set. */
export function createRevocationSet(): RevocationSet {
  const byKind: Readonly<Record<RevocationKind, Map<string, Held>>> = {
    session: new Map(),
    jti: new Map(),
    user: new Map(),
    apiKey: new Map(),
    client: new Map(),
    kid: new Map(),
  }
  const all = Object.values(byKind)
  let prunedAtMs = Number.NEGATIVE_INFINITY

  function prune(nowMs: number): void {
    if (nowMs - prunedAtMs < pruneEveryMs) return
    prunedAtMs = nowMs
    for (const held of all) for (const [id, { untilMs }] of held) if (untilMs <= nowMs) held.delete(id)
  }

  return {
    add(target, nowMs, forMs) {
      prune(nowMs)
      const { kind, id, belowVersion } = describeTarget(target)
      const held = byKind[kind].get(id)
      byKind[kind].set(id, {
        belowVersion: Math.max(belowVersion, held?.belowVersion ?? 0),
        untilMs: Math.max(nowMs + forMs, held?.untilMs ?? 0),
      })
    },
    has(kind, id, version = 0) {
      const held = byKind[kind].get(id)
      return held !== undefined && version < held.belowVersion
    },
    hasClient: (id, nowMs) => nowMs < (byKind.client.get(id)?.untilMs ?? Number.NEGATIVE_INFINITY),
    get size() {
      return all.reduce((total, held) => total + held.size, 0)
    },
  }
}

interface DescribedTarget {
  readonly kind: RevocationKind
  readonly id: string
  /** Tokens of a lower version are taken back. */
  readonly belowVersion: number
}

function describeTarget(target: RevocationTarget): DescribedTarget {
  const belowVersion = Number.POSITIVE_INFINITY
  if ('user' in target) return { kind: 'user', id: target.user, belowVersion: target.minVersion }
  if ('session' in target) return { kind: 'session', id: target.session, belowVersion }
  if ('jti' in target) return { kind: 'jti', id: target.jti, belowVersion }
  if ('apiKey' in target) return { kind: 'apiKey', id: target.apiKey, belowVersion }
  if ('client' in target) return { kind: 'client', id: target.client, belowVersion }
  return { kind: 'kid', id: target.kid, belowVersion }
}

/** The id of the entry for a target: the same each time, so that telling it twice counts once. */
export function entryIdOf(target: RevocationTarget): RevocationEntry['id'] {
  const { kind, id } = describeTarget(target)
  return 'user' in target ? `user:${id}:${target.minVersion}` : `${kind}:${id}`
}
