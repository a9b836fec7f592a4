import { randomBytes } from '../shared/random.js'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base = alphabet.length
/** The greatest multiple of 62 that a byte can hold: what lies above would make the first digits likelier than the last. */
const unbiasedBelow = 256 - (256 % base)

/** `length` random digits, each of the 62 as likely as any other: 5.95 bits a digit. */
export function randomBase62(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(2 * (length - text.length))) {
      if (byte < unbiasedBelow && text.length < length) text += alphabet[byte % base]
    }
  }
  return text
}

/** The last `length` digits of a number, with zeros before it. */
export function toBase62(value: bigint, length: number): string {
  let text = ''
  let rest = value
  for (let i = 0; i < length; i++) {
    text = `${alphabet[Number(rest % BigInt(base))]}${text}`
    rest /= BigInt(base)
  }
  return text
}

/** The number that bytes are, the most significant first. */
export function bytesToNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
