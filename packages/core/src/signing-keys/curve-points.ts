const p256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const p256B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** Whether the coordinates are a point of P-256 (NIST SP 800-186, section 3.2.1.3). */
export function isP256Point(x: bigint, y: bigint): boolean {
  return x < p256 && y < p256 && (y * y - (x * x * x - 3n * x + p256B)) % p256 === 0n
}

const p25519 = 2n ** 255n - 19n
const edwardsD = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n

/**
 * Whether 32 bytes are the one encoding of a point of edwards25519 (RFC 8032, section 5.1.3) whose order is not small:
 * under a key of small order almost anything is a signature. Web Crypto takes any 32 bytes.
 */
export function isEd25519PublicKey(encoded: Uint8Array): boolean {
  if (encoded.length !== 32) return false
  const y = encoded.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n)
  if (y >= p25519) return false
  const ySquared = (y * y) % p25519
  // x² = (y² − 1) / (dy² + 1), which is a square exactly if the product of the two is.
  const product = ((ySquared - 1n) * (edwardsD * ySquared + 1n)) % p25519
  if (power(product, (p25519 - 1n) / 2n) !== 1n) return false
  // Order 4: y = 0. Order 8: twice the point has y = 0, that is dy⁴ + 2y² − 1 = 0. Orders 1 and 2 have x = 0: no square above.
  return y !== 0n && (edwardsD * ySquared * ySquared + 2n * ySquared - 1n) % p25519 !== 0n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = ((base % p25519) + p25519) % p25519
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p25519
    square = (square * square) % p25519
  }
  return result
}
