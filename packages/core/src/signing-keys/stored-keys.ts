import type { JWK } from 'jose'
import type { AuditEntry, AuditRecorder, ChangeEvent } from '../audit/index.js'
import { StoreError } from '../errors.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import { lazy } from '../shared/lazy.js'
import type { Secrets } from '../shared/secrets.js'
import { printable } from '../shared/text.js'
import type { SigningAlgorithm } from './algorithms.js'
import { isSymmetric } from './jwk.js'
import type { KeyOrigin, KeyRingLogger } from './key-origin.js'
import { activationTime, keyPhase } from './key-phases.js'
import { createKeyRecords } from './key-records.js'
import { generateJwk } from './signing-key.js'
import type { SigningKeyRecord, SigningKeyStore } from './signing-key-store.js'
import { loadStoredKey, type StoredKey, storedKeySet } from './stored-key-set.js'

/** What keys in a store need. */
export interface StoredKeysDeps {
  readonly store: SigningKeyStore
  readonly secrets: Secrets
  readonly clock: Clock
  /** Of the keys that are made. */
  readonly algorithm: SigningAlgorithm
  readonly logger: KeyRingLogger
  readonly audit?: AuditRecorder | undefined
}

interface Rows {
  /** All that the store holds. */
  readonly all: readonly SigningKeyRecord[]
  /** Those made under an accepted secret. */
  readonly genuine: readonly SigningKeyRecord[]
  /** Those of them that this ring uses. */
  readonly usable: readonly SigningKeyRecord[]
}

const kidPattern = /^[A-Za-z0-9_-]{22}$/
const mostAttempts = 5
const keepGoneSeconds = 86_400
const rememberedReports = 100

/** Keeps keys in a store: made here, sealed, the same for every process over that store. */
export function createStoredKeys(deps: StoredKeysDeps): KeyOrigin {
  const { store, secrets, clock, algorithm, logger, audit } = deps
  const records = createKeyRecords(secrets)
  const reported = createBoundedMap<string, true>(rememberedReports)
  let loaded = new Map<string, StoredKey>()

  function report(row: SigningKeyRecord, message: string): void {
    const kid = printable(String(row.kid), 64)
    if (reported.get(kid)) return
    reported.set(kid, true)
    logger.warn({ kid }, message)
  }

  async function read(): Promise<Rows> {
    const all = await store.list()
    const genuine: SigningKeyRecord[] = []
    for (const row of all) {
      if (await records.isGenuine(row)) genuine.push(row)
      else report(row, 'a signing key is ignored: it was altered, or made under a secret that is not configured')
    }
    // One that is shared secret and one that is public at the same time is how algorithms get confused.
    const usable = genuine.filter((row) => isSymmetric(row.algorithm) === isSymmetric(algorithm))
    for (const row of genuine) if (!usable.includes(row)) report(row, `a signing key is ignored beside ${algorithm}`)
    return { all, genuine, usable }
  }

  async function recorded(entry: AuditEntry, make: (event?: ChangeEvent) => Promise<boolean>): Promise<boolean> {
    return audit ? audit.recordChange({ entry, make }) : make()
  }

  /** Adds a key with the first ordinal that is free above all genuine ones; `null` where somebody else took it. */
  async function insert({ all, genuine }: Rows, jwk: NewJwk, activeFrom: Date): Promise<SigningKeyRecord | null> {
    const taken = new Set(all.map(({ ordinal }) => ordinal))
    let ordinal = Math.max(0, ...genuine.map((row) => row.ordinal)) + 1
    while (taken.has(ordinal)) ordinal++
    const row = await records.seal(jwk, algorithm, { ordinal, createdAt: clock.now(), activeFrom })
    const entry = { type: 'signing_key.created', outcome: 'success', subject: row.kid } as const
    return (await recorded(entry, (event) => store.insert(row, event))) ? row : null
  }

  /** The rows, with at least one to sign with: the first key is made here, and signs at once. Of racing makers one wins. */
  async function readOrCreate(): Promise<readonly SigningKeyRecord[]> {
    const candidate = lazy(() => generateJwk(algorithm))
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const rows = await read()
      if (rows.usable.length > 0) return rows.usable
      await insert(rows, await candidate(), clock.now())
    }
    throw new StoreError('The store shows no signing key, though one was put there')
  }

  /** Adds a key, or answers the one that waits already or that somebody else has just added to the same end. */
  async function add(immediately: boolean, insteadOf?: string): Promise<string> {
    const candidate = lazy(() => generateJwk(algorithm))
    let rows = await read()
    const known = new Set(rows.usable.map(({ kid }) => kid))
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const now = clock.now()
      const sameEnd = rows.usable.find((row) => {
        if (row.algorithm !== algorithm || row.kid === insteadOf) return false
        const phase = keyPhase(row, rows.usable, now)
        return immediately ? phase === 'active' && !known.has(row.kid) : phase === 'next'
      })
      if (sameEnd) return sameEnd.kid
      const added = await insert(rows, await candidate(), activationTime(now, immediately))
      if (added) return added.kid
      rows = await read()
    }
    throw new StoreError('Others took every place for a new signing key')
  }

  return {
    mayChange: true,
    mayHold: (kid) => kidPattern.test(kid),
    async load() {
      const rows = await readOrCreate()
      const newest = rows.reduce((a, b) => (a.ordinal > b.ordinal ? a : b))
      if (newest.algorithm !== algorithm)
        report(newest, `the newest signing key is for ${newest.algorithm}; rotate() makes one for ${algorithm}`)
      // Equal tags mean equal rows: the tag authenticates every field.
      const keys = await Promise.all(rows.map((row) => loaded.get(row.tag) ?? loadStoredKey(row, records)))
      loaded = new Map(keys.map((key) => [key.row.tag, key]))
      const set = storedKeySet(keys)
      // Opened at once, so that a start without the right secret fails early.
      await set.active(clock.now())
      return set
    },
    rotate: (immediately) => add(immediately),
    async remove(kid) {
      const { usable } = await read()
      const row = usable.find((candidate) => candidate.kid === kid)
      const signs = row !== undefined && keyPhase(row, usable, clock.now()) === 'active'
      const isNewest = row !== undefined && usable.every(({ ordinal }) => ordinal <= row.ordinal)
      // A successor first: without one an older key would sign again, and a copy of the row, put back, would count again.
      if (signs || isNewest) await add(signs, kid)
      const entry = { type: 'signing_key.revoked', outcome: 'success', subject: kid } as const
      return recorded(entry, (event) => store.delete(kid, event))
    },
    async reseal() {
      let changed = 0
      for (const row of (await read()).genuine) {
        const resealed = await records.reseal(row)
        if (resealed && (await store.swap(row.tag, resealed))) changed++
      }
      if (changed > 0) await audit?.record({ type: 'signing_key.resealed', outcome: 'success' })
      return changed
    },
    async deleteGone() {
      const { genuine } = await read()
      const before = later(clock.now(), -keepGoneSeconds)
      const gone = genuine.filter((row) => keyPhase(row, genuine, before) === 'gone')
      const outcomes = await Promise.all(gone.map(({ kid }) => store.delete(kid)))
      return outcomes.filter(Boolean).length
    },
  }
}

type NewJwk = JWK & { readonly kid: string }
