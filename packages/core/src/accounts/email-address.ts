import { isStorable, utf8 } from '../shared/bytes.js'

/** An address in its two forms. */
export interface EmailAddress {
  /** As its owner wrote it, in Unicode's composed form: for display and mail. */
  readonly display: string
  /** In the one form addresses are compared in. */
  readonly key: string
}

const maximumBytes = 254
const maximumLocalBytes = 64
const localPart = /^[^\s"(),:;<>@[\]\\\p{C}]+$/u
const unicodeDomain = /^[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)+$/u
const asciiDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Reads an e-mail address; `null` where it is none. Normalises first (NFKC), validates then, folds case last, so that
 * no character turns into an `@` or a dot after it was checked. International domains are compared in ASCII (UTS 46).
 * Quoted local parts, comments, address lists, display names and IP literals are refused.
 */
export function parseEmailAddress(text: string): EmailAddress | null {
  if (text.length > 4 * maximumBytes || !isStorable(text)) return null
  const display = text.normalize('NFKC')
  if (utf8(display).length > maximumBytes) return null
  const [local, domain, ...more] = display.split('@')
  if (!local || !domain || more.length > 0) return null
  if (!localPart.test(local) || utf8(local).length > maximumLocalBytes) return null
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return null
  const ascii = toAsciiDomain(domain)
  if (!ascii) return null
  return { display, key: `${local.toLowerCase()}@${ascii}` }
}

function toAsciiDomain(domain: string): string | null {
  if (!unicodeDomain.test(domain)) return null
  // The URL parser is the platform's own implementation of UTS 46.
  const url = `http://${domain}`
  if (!URL.canParse(url)) return null
  const { hostname } = new URL(url)
  return asciiDomain.test(hostname) ? hostname : null
}
