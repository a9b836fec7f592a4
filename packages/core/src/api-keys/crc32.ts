const polynomial = 0xedb88320
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
  return value
})

/** CRC-32 of ASCII text as in ISO 3309, which zlib and PNG use. Finds typos; keeps nobody from making one up. */
export function crc32(ascii: string): number {
  let crc = 0xffffffff
  for (let i = 0; i < ascii.length; i++) crc = (crc >>> 8) ^ (table[(crc ^ ascii.charCodeAt(i)) & 0xff] as number)
  return (crc ^ 0xffffffff) >>> 0
}
