import type { Duration, OAuthProvider } from '@auth/core'
import type { FlawName } from './flaws.js'

/** Where a deployment keeps what it remembers. */
export interface Storage {
  /** A Postgres URL or a SQLite file. */
  readonly sql: string
  /** A Redis for the stores that are written most; with a list of nodes a cluster. */
  readonly redis?: string
  readonly isCluster?: boolean
  /** What all keys in Redis begin with. */
  readonly prefix?: string
  /** Where the revocation feed is. Default: in Redis, where there is one. */
  readonly feed?: 'sql' | 'redis'
  /** How many connections to Postgres a node has at most. Default 8. */
  readonly connections?: number
  /** How long statements and commands may take. Default: what the stores have. */
  readonly deadlineMs?: number
  /** Settings of each session of Postgres, as in `-c name=value`. */
  readonly session?: string
  /** How long SQLite waits for another writer. Default 500. */
  readonly busyTimeoutMs?: number
}

/** What one node of a deployment is started with. */
export interface NodeSettings {
  readonly storage: Storage
  readonly retryWindow?: Duration
  /** Whether it sends mails, which an operator reads by `/operator/mails`. */
  readonly mails?: boolean
  /** Whether it is an OAuth server, whose clients an operator registers by `/operator/client`. */
  readonly oauth?: boolean
  /** Who people can sign in with: none where it is left out. */
  readonly providers?: readonly OAuthProvider[]
  /** Breaks the node's stores in a way that the tests must notice. */
  readonly flaw?: FlawName
}

/** A named place in what a node does: just before a store is asked, or just after it has answered. */
export interface FailPoint {
  readonly when: 'before' | 'after'
  /** Store and method, as in `users.revoke`. */
  readonly call: string
  /** How many calls of that name go by first; none where it is left out. */
  readonly skip?: number
  /** The node ends as by `kill -9`, waits until it is let go on, or the answer is lost on the way. */
  readonly act: 'die' | 'hang' | 'lose'
}

/** What a test tells a node to do. Each is answered. */
export type Order =
  | { readonly kind: 'arm'; readonly point: FailPoint }
  | { readonly kind: 'release' }
  /** Answers the names of the writes since it was asked last, in their order. */
  | { readonly kind: 'writes' }
  /** Answers how many passwords were compared with a hash since it was asked last. */
  | { readonly kind: 'verified' }
  /** Moves the wall clock, the monotonic one or both. */
  | { readonly kind: 'shift'; readonly wallMs?: number; readonly monotonicMs?: number }
  /** Lets the platform's random numbers fail, or work again. */
  | { readonly kind: 'random'; readonly fails: boolean }
  /** Answers how many connections the pool of Postgres has, and how many are idle and asked for. */
  | { readonly kind: 'pool' }
  /** Does a task of a race on the node's bare stores. */
  | { readonly kind: 'task'; readonly name: string; readonly id: string; readonly parallel: number }

/** What a node says. */
export type Message =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'reached' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
