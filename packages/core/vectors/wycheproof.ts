import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One case: a token, and whether a sound verifier takes it. */
export interface Vector {
  readonly file: string
  readonly tcId: number
  readonly comment: string
  readonly token: string
  readonly valid: boolean
  /** The group's keys, as a JWK each. */
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

interface Group {
  readonly public?: Jwk
  readonly private?: Jwk
  readonly tests: readonly { tcId: number; comment: string; jws?: unknown; jwe?: unknown; result: string }[]
}

type Jwk = Readonly<Record<string, unknown>> & { readonly keys?: readonly Readonly<Record<string, unknown>>[] }

/** Reads a file of vectors: the signed tokens, or the encrypted ones. */
export function readVectors(file: string, kind: 'jws' | 'jwe'): readonly Vector[] {
  const directory = process.env.WYCHEPROOF_DIR
  if (!directory) throw new Error('WYCHEPROOF_DIR must name the folder testvectors_v1 of the repository C2SP/wycheproof')
  const { testGroups } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { testGroups: readonly Group[] }
  return testGroups.flatMap((group) => {
    const key = group.public ?? group.private
    const keys = key?.keys ?? (key ? [key] : [])
    return group.tests.flatMap(({ tcId, comment, result, ...test }) => {
      const token = test[kind]
      // One token stands there as an object: in JSON serialisation, which is not compact.
      if (token === undefined) return []
      const text = typeof token === 'string' ? token : JSON.stringify(token)
      return [{ file, tcId, comment, token: text, valid: result === 'valid', keys }]
    })
  })
}
