import { expect, it } from 'vitest'
import { testJwk } from '../../test/support/keys.js'
import { isRocaModulus, rsaProblem } from './rsa-modulus.js'

const toInteger = (base64url = ''): bigint => BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex')}`)
const sound = async (): Promise<bigint> => toInteger((await testJwk('RS256')).n)

const primes = Array.from({ length: 168 }, (_, n) => n).filter(
  (n) => n > 2 && Array.from({ length: n }, (_, d) => d).every((d) => d < 2 || n % d),
)
const primorial = primes.reduce((product, prime) => product * BigInt(prime), 1n)

/** A modulus as the broken generator makes them: a power of 65537 modulo the product of the small primes. */
function rocaModulus(exponent: number): bigint {
  let residue = 1n
  for (let i = 0; i < exponent; i++) residue = (residue * 65_537n) % primorial
  const start = 2n ** 2047n
  const candidate = start - (start % primorial) + primorial + residue
  return candidate % 2n === 1n ? candidate : candidate + primorial
}

it('JT-03 refuses a modulus with the ROCA fingerprint, and no sound one', async () => {
  for (const exponent of [0, 1, 2, 77, 12_345]) expect(rsaProblem(rocaModulus(exponent), 65_537n)).toContain('ROCA')
  expect(isRocaModulus(await sound())).toBe(false)
  expect(rsaProblem(await sound(), 65_537n)).toBeNull()
})

it('JT-03 has next to no sound modulus refused by chance', () => {
  const residues = (prime: number): number => {
    const powers = new Set<number>()
    for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power)
    return powers.size
  }
  const chance = primes.reduce((product, prime) => product * (residues(prime) / (prime - 1)), 1)
  expect(chance).toBeLessThan(1e-8)
})

it.each([
  [2n ** 2047n + 1n, 65_537n, null],
  [2n ** 2047n - 1n, 65_537n, 'bits'],
  [2n ** 1023n + 1n, 65_537n, 'bits'],
  [2n ** 8191n + 1n, 65_537n, null],
  [2n ** 8192n + 1n, 65_537n, 'bits'],
  [0n, 65_537n, 'bits'],
  [2n ** 2047n, 65_537n, 'odd'],
  [2n ** 2047n + 1n, 1n, 'exponent'],
  [2n ** 2047n + 1n, 3n, 'exponent'],
  [2n ** 2047n + 1n, 65_535n, 'exponent'],
  [2n ** 2047n + 1n, 65_538n, 'exponent'],
  [2n ** 2047n + 1n, 65_539n, null],
  [2n ** 2047n + 1n, 2n ** 64n - 1n, null],
  [2n ** 2047n + 1n, 2n ** 64n + 1n, 'exponent'],
])('JT-03 judges size and exponent at their limits, case %#', (modulus, exponent, problem) => {
  if (problem === null) expect(rsaProblem(modulus, exponent)).toBeNull()
  else expect(rsaProblem(modulus, exponent)).toContain(problem)
})
