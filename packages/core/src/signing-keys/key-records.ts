import type { JWK } from 'jose'
import { type Bytes, base64url, concat, decodeUtf8, equalBytes, framed, fromBase64url, utf8 } from '../shared/bytes.js'
import type { Secrets } from '../shared/secrets.js'
import type { SigningAlgorithm } from './algorithms.js'
import { readJwk } from './jwk.js'
import type { SigningKeyRecord } from './signing-key-store.js'

/** Where a key stands in the order of keys, and when it begins to sign. */
export interface KeyPlace {
  readonly ordinal: number
  readonly createdAt: Date
  readonly activeFrom: Date
}

/** Turns keys into rows and back. Nothing in a row can be changed, and no row be made, without the deployment's secret. */
export interface KeyRecords {
  /** Makes a row under the secret in use. */
  seal(jwk: JWK & { readonly kid: string }, algorithm: SigningAlgorithm, place: KeyPlace): Promise<SigningKeyRecord>
  /** Whether a row is as it was made, under any accepted secret. */
  isGenuine(row: SigningKeyRecord): Promise<boolean>
  /** The private JWK of a genuine row, or `null`. */
  open(row: SigningKeyRecord): Promise<unknown>
  /** The same row under the secret in use, or `null` where it is that already. For genuine rows. */
  reseal(row: SigningKeyRecord): Promise<SigningKeyRecord | null>
}

type Untagged = Omit<SigningKeyRecord, 'tag'>

const keyIdBytes = 4

/** Makes the functions over the deployment's secrets. */
export function createKeyRecords(secrets: Secrets): KeyRecords {
  async function withTag(row: Untagged): Promise<SigningKeyRecord> {
    const { keyId, tag } = await secrets.tag('signing-key-tag', taggedBytes(row))
    return { ...row, tag: base64url(concat(keyId, tag)) }
  }

  function sealPrivate(privateJwk: Bytes, { kid, algorithm }: Pick<Untagged, 'kid' | 'algorithm'>): Promise<string> {
    return secrets.seal('signing-key-seal', privateJwk, sealContext(kid, algorithm))
  }

  function unseal({ kid, algorithm, sealedPrivateJwk }: SigningKeyRecord): Promise<Bytes | null> {
    return secrets.open('signing-key-seal', sealedPrivateJwk, sealContext(kid, algorithm))
  }

  return {
    async seal(jwk, algorithm, { ordinal, createdAt, activeFrom }) {
      const reading = readJwk(jwk, 'sign')
      if ('problem' in reading) throw new Error(`a new key ${reading.problem}`)
      const { publicJwk } = reading.jwk
      return withTag({
        kid: jwk.kid,
        ordinal,
        algorithm,
        publicJwk: publicJwk && JSON.stringify(publicJwk),
        sealedPrivateJwk: await sealPrivate(utf8(JSON.stringify(jwk)), { kid: jwk.kid, algorithm }),
        createdAt,
        activeFrom,
      })
    },
    async isGenuine(row) {
      const bytes = fromBase64url(row.tag)
      if (!bytes) return false
      const keyed = { keyId: bytes.slice(0, keyIdBytes), tag: bytes.slice(keyIdBytes) }
      return secrets.verifyTag('signing-key-tag', taggedBytes(row), keyed)
    },
    async open(row) {
      const plain = await unseal(row)
      const text = plain && decodeUtf8(plain)
      return text === null ? null : (JSON.parse(text) as unknown)
    },
    async reseal(row) {
      const { tag, ...untagged } = row
      const { keyId } = await secrets.tag('signing-key-tag', taggedBytes(row))
      if ([tag, row.sealedPrivateJwk].every((text) => isUnder(keyId, text))) return null
      const plain = await unseal(row)
      return plain && withTag({ ...untagged, sealedPrivateJwk: await sealPrivate(plain, row) })
    },
  }
}

/** Every field in one fixed order, an absent public key told from an empty one. */
function taggedBytes(row: Untagged): Bytes {
  const { kid, ordinal, algorithm, publicJwk, sealedPrivateJwk, createdAt, activeFrom } = row
  const publicPart = publicJwk === null ? [0] : [1, publicJwk]
  const times = [createdAt.getTime(), activeFrom.getTime()]
  return framed('signing_keys', kid, ordinal, algorithm, sealedPrivateJwk, ...times, ...publicPart)
}

function sealContext(kid: string, algorithm: SigningAlgorithm): Bytes {
  return framed('signing_keys', kid, 'private', algorithm)
}

/** Tags and seals both begin with the id of the secret that made them. */
function isUnder(keyId: Bytes, text: string): boolean {
  const bytes = fromBase64url(text)
  return bytes !== null && equalBytes(bytes.subarray(0, keyIdBytes), keyId)
}
