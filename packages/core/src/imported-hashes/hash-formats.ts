import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { lazy } from '../shared/lazy.js'

/** Compares a password with one stored hash. */
export type HashCheck = (password: string) => Promise<boolean>

/** Reads a stored hash of one format; `null` for any other text, and for a cost that is not bearable. Never throws. */
type Format = (text: string) => HashCheck | null

const derivePbkdf2 = promisify(pbkdf2)
const deriveScrypt = promisify<string, Buffer, number, ScryptCost & { maxmem: number }, Buffer>(scrypt)
const bcrypt = lazy(() => import('@node-rs/bcrypt'))
const argon2 = lazy(() => import('@node-rs/argon2'))

interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

const longestText = 512
/** 2^14 rounds take about a second. */
const highestBcryptCost = 14
const mostPbkdf2Iterations = 2_000_000
const mostMemoryKib = 262_144
/** Of Argon2: four passes over the most memory. Of scrypt: as many blocks. */
const mostWork = 4 * mostMemoryKib

// A salt and a hash in base64 of whatever alphabet: '.' is what passlib writes for '+'.
const code = '([A-Za-z0-9+/._-]{4,128})={0,2}'
const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const scryptPattern = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,3}),p=(\\d{1,3})\\$${code}\\$${code}$`)
const pbkdf2Pattern = new RegExp(`^\\$pbkdf2-(sha1|sha256|sha512)\\$(?:i=)?(\\d{1,8})(?:,l=\\d{1,3})?\\$${code}\\$${code}$`)
const djangoPattern = new RegExp(`^pbkdf2_(sha1|sha256|sha512)\\$(\\d{1,8})\\$([\\x21-\\x23\\x25-\\x7e]{1,64})\\$${code}$`)
const argon2Pattern = new RegExp(`^\\$argon2(?:id|i|d)\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,4}),p=(\\d{1,3})\\$${code}\\$${code}$`)

const readBcrypt: Format = (text) => {
  const cost = Number(bcryptPattern.exec(text)?.[1] ?? Number.NaN)
  if (!(cost >= 4 && cost <= highestBcryptCost)) return null
  // Where it came from, a NUL ended a password; here none is another's beginning.
  return async (password) => !password.includes('\0') && (await bcrypt()).verify(password, text)
}

const readScrypt: Format = (text) => {
  const [, ln, r, p, salt, hash] = scryptPattern.exec(text) ?? []
  if (salt === undefined || hash === undefined) return null
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(p) }
  const memoryKib = (cost.N * cost.r) / 8
  const isBearable =
    cost.N >= 2 && cost.r >= 1 && cost.p >= 1 && memoryKib <= mostMemoryKib && memoryKib * cost.p <= mostWork
  if (!isBearable) return null
  const maxmem = 128 * cost.r * (cost.N + cost.p + 2) + 1_048_576
  const expected = decode(hash)
  return async (password) =>
    isSame(await deriveScrypt(password, decode(salt), expected.length, { ...cost, maxmem }), expected)
}

const readPbkdf2: Format = (text) => {
  const [, digest = '', iterations, salt, hash] = pbkdf2Pattern.exec(text) ?? []
  return salt === undefined ? null : checkPbkdf2(digest, Number(iterations), decode(salt), hash)
}

const readDjango: Format = (text) => {
  const [, digest = '', iterations, salt, hash] = djangoPattern.exec(text) ?? []
  return salt === undefined ? null : checkPbkdf2(digest, Number(iterations), Buffer.from(salt), hash)
}

function checkPbkdf2(digest: string, iterations: number, salt: Buffer, hash = ''): HashCheck | null {
  if (iterations < 1 || iterations > mostPbkdf2Iterations) return null
  const expected = decode(hash)
  return async (password) => isSame(await derivePbkdf2(password, salt, iterations, expected.length, digest), expected)
}

/** All kinds of Argon2 but those that the hasher itself makes, which it checks. */
const readArgon2: Format = (text) => {
  const [, memory, passes, lanes] = argon2Pattern.exec(text)?.map(Number) ?? []
  if (memory === undefined || passes === undefined || lanes === undefined) return null
  const isBearable =
    lanes >= 1 && passes >= 1 && memory >= 8 * lanes && memory <= mostMemoryKib && memory * passes <= mostWork
  if (!isBearable) return null
  // What the binding makes of an odd salt is an error: no match, as for any other text.
  return async (password) => (await argon2()).verify(text, password).catch(() => false)
}

const formats: readonly Format[] = [readBcrypt, readScrypt, readPbkdf2, readDjango, readArgon2]

/** How to check a stored hash of any of the formats; `null` for every other text. */
export function readHash(text: unknown): HashCheck | null {
  if (typeof text !== 'string' || text.length > longestText) return null
  for (const read of formats) {
    const check = read(text)
    if (check) return check
  }
  return null
}

function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64')
}

/** An empty hash matches nothing. */
function isSame(derived: Buffer, expected: Buffer): boolean {
  return expected.length >= 16 && derived.length === expected.length && timingSafeEqual(derived, expected)
}
