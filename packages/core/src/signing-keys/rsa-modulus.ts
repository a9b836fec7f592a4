/** Smallest RSA modulus that is accepted, in bits (RFC 7518, section 3.3). */
const minimumBits = 2048
/** Largest: verifying costs time that grows with the square of it. */
const maximumBits = 8192
const minimumExponent = 65_537n
const maximumExponentBits = 64

/** What is wrong with an RSA public key, or `null`. */
export function rsaProblem(modulus: bigint, exponent: bigint): string | null {
  const bits = bitLength(modulus)
  if (bits < minimumBits || bits > maximumBits) return `must have an RSA modulus of ${minimumBits} to ${maximumBits} bits`
  if (modulus % 2n === 0n) return 'must have an odd RSA modulus'
  if (exponent < minimumExponent || exponent % 2n === 0n || bitLength(exponent) > maximumExponentBits)
    return `must have an odd public exponent of at least ${minimumExponent} and at most ${maximumExponentBits} bits`
  if (isRocaModulus(modulus))
    return 'has the ROCA weakness (CVE-2017-15361): its private key can be computed from the public one'
  return null
}

function bitLength(value: bigint): number {
  return value.toString(2).length
}

const rocaGenerator = 65_537
const rocaPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127,
  131, 137, 139, 149, 151, 157, 163, 167,
]

/**
 * Whether a modulus has the fingerprint of the broken generator: modulo each small prime it is a power of 65537
 * (Nemec et al., "The Return of Coppersmith's Attack"). One sound modulus in a hundred million has it by chance.
 */
export function isRocaModulus(modulus: bigint): boolean {
  return rocaPrimes.every((prime) => isPowerOf(rocaGenerator % prime, Number(modulus % BigInt(prime)), prime))
}

function isPowerOf(generator: number, value: number, prime: number): boolean {
  let power = 1
  do {
    if (power === value) return true
    power = (power * generator) % prime
  } while (power !== 1)
  return false
}
