const base = 36
const minThreshold = 1
const maxThreshold = 26
const skew = 38
const damp = 700
const initialBias = 72
const firstBeyondAscii = 128

/** Encodes a text in Punycode (RFC 3492, section 6.3): what follows `xn--` in the label of an international domain. */
export function toPunycode(text: string): string {
  const points = Array.from(text, (char) => char.codePointAt(0) ?? 0)
  const ascii = points.filter((point) => point < firstBeyondAscii)
  let output = String.fromCodePoint(...ascii)
  if (ascii.length > 0) output += '-'
  let [done, delta, bias, next] = [ascii.length, 0, initialBias, firstBeyondAscii]
  while (done < points.length) {
    const lowest = Math.min(...points.filter((point) => point >= next))
    delta += (lowest - next) * (done + 1)
    for (const point of points) {
      if (point < lowest) delta++
      if (point !== lowest) continue
      output += variableLength(delta, bias)
      bias = adapted(delta, done + 1, done === ascii.length)
      delta = 0
      done++
    }
    delta++
    next = lowest + 1
  }
  return output
}

/** A number as digits of which the last is known to be the last. */
function variableLength(delta: number, bias: number): string {
  let text = ''
  let rest = delta
  for (let position = base; ; position += base) {
    const threshold = Math.min(Math.max(position - bias, minThreshold), maxThreshold)
    if (rest < threshold) return text + digit(rest)
    text += digit(threshold + ((rest - threshold) % (base - threshold)))
    rest = Math.floor((rest - threshold) / (base - threshold))
  }
}

/** `a` to `z`, then `0` to `9`. */
function digit(value: number): string {
  return ((value + 10) % base).toString(base)
}

function adapted(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? damp : 2))
  rest += Math.floor(rest / length)
  let steps = 0
  for (; rest > ((base - minThreshold) * maxThreshold) / 2; steps += base) rest = Math.floor(rest / (base - minThreshold))
  return steps + Math.floor(((base - minThreshold + 1) * rest) / (rest + skew))
}
