import { ConfigError, type ConfigProblem } from '../errors.js'
import type { PasswordHasher } from '../passwords/index.js'
import {
  type Argon2Parameters,
  argon2Defaults,
  argon2HashBytes,
  argon2SaltBytes,
  isOutdatedArgon2Hash,
  parseArgon2Hash,
} from '../shared/argon2-hash.js'
import { lazy } from '../shared/lazy.js'
import { randomBytes } from '../shared/random.js'

/** What a hash costs. Nothing weaker than OWASP's Password Storage Cheat Sheet asks for is taken. */
export interface Argon2idOptions {
  /** Memory in KiB; default 19,456. */
  readonly memoryCost?: number
  /** Passes over the memory; default 2. One is enough from 47,104 KiB on, three are needed below 19,456, down to 12,288. */
  readonly timeCost?: number
  /** Lanes; default 1. */
  readonly parallelism?: number
}

/** The binding's number of Argon2id; its enum cannot be used without emitting code for it. */
const argon2idAlgorithm = 2
/** The least memory for each number of passes. */
const floors: readonly Pick<Argon2Parameters, 'memoryCost' | 'timeCost'>[] = [
  { memoryCost: 47_104, timeCost: 1 },
  { memoryCost: 19_456, timeCost: 2 },
  { memoryCost: 12_288, timeCost: 3 },
]
const ceilings: Argon2Parameters = { memoryCost: 2_097_152, timeCost: 100, parallelism: 64 }
/** What a stored hash may cost whatever is configured: 256 MiB, and four passes over them. */
const bearableMemory = 262_144
const bearableWork = 4 * bearableMemory

/**
 * Hashes passwords with Argon2id (RFC 9106) on `@node-rs/argon2`, which is loaded at the first use and works off the event
 * loop. A stored hash that asks for more than 256 MiB or four passes over them, and for more than is configured, is no match.
 * @throws ConfigError where the parameters are too weak or out of range.
 * @example
 * createAuth({ ..., passwords: { hasher: argon2id({ memoryCost: 65_536, timeCost: 3 }) } })
 */
export function argon2id(options: Argon2idOptions = {}): PasswordHasher {
  const current = { ...argon2Defaults, ...options }
  checkParameters(current)
  const binding = lazy(() => import('@node-rs/argon2'))
  const maxMemory = Math.max(bearableMemory, current.memoryCost)
  const maxWork = Math.max(bearableWork, current.memoryCost * current.timeCost)

  return {
    async hash(password) {
      const { hash } = await binding()
      const salt = randomBytes(argon2SaltBytes)
      return hash(password, { ...current, algorithm: argon2idAlgorithm, outputLen: argon2HashBytes, salt })
    },
    async verify(hash, password) {
      const stored = parseArgon2Hash(hash)
      if (!stored || stored.memoryCost > maxMemory || stored.memoryCost * stored.timeCost > maxWork) return false
      const { verify } = await binding()
      return verify(hash, password)
    },
    needsRehash: (hash) => isOutdatedArgon2Hash(hash, current),
  }
}

function checkParameters(parameters: Argon2Parameters): void {
  const problems: ConfigProblem[] = []
  for (const name of ['memoryCost', 'timeCost', 'parallelism'] as const) {
    const value = parameters[name]
    if (Number.isSafeInteger(value) && value >= 1 && value <= ceilings[name]) continue
    problems.push({ path: `passwords.hasher.${name}`, message: `must be a whole number from 1 to ${ceilings[name]}` })
  }
  const { memoryCost, timeCost, parallelism } = parameters
  if (problems.length === 0 && !floors.some((floor) => memoryCost >= floor.memoryCost && timeCost >= floor.timeCost)) {
    const message = 'must be at least 19456 KiB with timeCost 2, 47104 KiB with 1, or 12288 KiB with 3'
    problems.push({ path: 'passwords.hasher.memoryCost', message })
  }
  if (problems.length === 0 && memoryCost < 8 * parallelism) {
    problems.push({ path: 'passwords.hasher.parallelism', message: 'must leave 8 KiB of memory to each lane' })
  }
  if (problems.length > 0) throw new ConfigError(problems)
}
