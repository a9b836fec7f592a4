import { StoreError } from '../errors.js'
import { lazy } from '../shared/lazy.js'
import type { KeySet } from './key-origin.js'
import { keyPhase, signingKeyAt } from './key-phases.js'
import type { KeyRecords } from './key-records.js'
import { type ActiveKey, loadSigningKey, type SigningKey } from './signing-key.js'
import type { SigningKeyRecord } from './signing-key-store.js'
import { loadVerificationKey, type VerificationKey } from './verification-key.js'

/** A row and the key in it. The private half is opened when it is first needed. */
export interface StoredKey {
  readonly row: SigningKeyRecord
  readonly verification: VerificationKey
  signing(): Promise<ActiveKey>
}

/** Loads the key of a genuine row. @throws StoreError */
export async function loadStoredKey(row: SigningKeyRecord, records: KeyRecords): Promise<StoredKey> {
  const both = lazy(() => openRow(row, records))
  const verification = row.publicJwk === null ? (await both()).verification : await loadPublic(row, row.publicJwk)
  return { row, verification, signing: async () => (await both()).active }
}

async function openRow(row: SigningKeyRecord, records: KeyRecords): Promise<SigningKey> {
  try {
    return await loadSigningKey(await records.open(row), row.kid)
  } catch (cause) {
    throw new StoreError('A stored signing key cannot be opened', { cause })
  }
}

async function loadPublic({ kid }: SigningKeyRecord, publicJwk: string): Promise<VerificationKey> {
  try {
    return await loadVerificationKey(JSON.parse(publicJwk), kid)
  } catch (cause) {
    throw new StoreError('A stored public key cannot be read', { cause })
  }
}

/** The set of these keys. */
export function storedKeySet(keys: readonly StoredKey[]): KeySet {
  const rows = keys.map(({ row }) => row)
  const byKid = new Map(keys.map((key) => [key.row.kid, key]))
  const isGone = (row: SigningKeyRecord, now: Date): boolean => keyPhase(row, rows, now) === 'gone'

  return {
    identity: [...byKid.keys()].sort().join(' '),
    find(kid, now) {
      const key = byKid.get(kid)
      return key && !isGone(key.row, now) ? key.verification : null
    },
    published: (now) =>
      keys.flatMap(({ row, verification }) => (verification.publicJwk && !isGone(row, now) ? [verification.publicJwk] : [])),
    async active(now) {
      const key = byKid.get(signingKeyAt(rows, now)?.kid ?? '')
      if (!key) throw new StoreError('There is no key to sign with')
      return key.signing()
    },
  }
}
