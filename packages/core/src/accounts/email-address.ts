import { isStorable, utf8 } from '../shared/bytes.js'
import { toPunycode } from '../shared/punycode.js'
import { isNowhere } from './nowhere.js'

/** An address in its two forms. Both name one mailbox: their domains are the same but for case and IDNA's encoding. */
export interface EmailAddress {
  /** As its owner wrote it, in Unicode's composed form: for display. Mail goes to what `mailboxOf` gives. */
  readonly display: string
  /** In the one form addresses are compared in. */
  readonly key: string
}

const maximumBytes = 254
const maximumLocalBytes = 64
const localPart = /^[^\s"(),:;<>@[\]\\\p{C}]+$/u
const unicodeDomain = /^[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)+$/u
const asciiDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const capitalSharpS = '\u1e9e'
const cherokee = /\p{Script=Cherokee}/u

/**
 * Reads an e-mail address; `null` where it is none. Normalises first (NFKC), validates then, folds case last, so that
 * no character turns into an `@` or a dot after it was checked. International domains are compared in ASCII (IDNA), and
 * are refused where one would have to change by more than its case for that.
 * Quoted local parts, comments, address lists, display names, IP literals and what accounts without an address have are refused.
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
  if (!ascii || utf8(`${local}@${ascii}`).length > maximumBytes) return null
  const key = `${local.toLowerCase()}@${ascii}`
  return isNowhere(key) ? null : { display, key }
}

/**
 * Where mail to an address goes: to its owner's local part at the domain of the key, in ASCII wherever it is international.
 * Mailers disagree on what to make of such a domain, and the key's is the one that the account is found by.
 */
export function mailboxOf({ display, key }: EmailAddress): string {
  const [local, domain] = split(display)
  const [, ascii] = split(key)
  return domain.toLowerCase() === ascii ? display : `${local}@${ascii}`
}

function split(address: string): readonly [local: string, domain: string] {
  const at = address.lastIndexOf('@')
  return [address.slice(0, at), address.slice(at + 1)]
}

function toAsciiDomain(domain: string): string | null {
  // Some mappings of the capital sharp s lead to `ss`, others to `ß`, which are two domains.
  if (!unicodeDomain.test(domain) || domain.includes(capitalSharpS)) return null
  // The URL parser is the platform's own implementation of UTS 46, which knows what is valid, but also leaves characters out and puts
  // others in their place, not the same ones in each version. So it has to come to what stands there, but for its case.
  const url = `http://${domain}`
  if (!URL.canParse(url)) return null
  const { hostname } = new URL(url)
  return hostname === encodedDomain(domain) && asciiDomain.test(hostname) ? hostname : null
}

function encodedDomain(domain: string): string {
  // Each character by itself: a sigma at the end of a word is no final one by that.
  return Array.from(domain, foldedCase)
    .join('')
    .normalize('NFC')
    .split('.')
    .map((label) => (/[^-a-z0-9]/.test(label) ? `xn--${toPunycode(label)}` : label))
    .join('.')
}

/** In the case that domains are written in: the lower one, but for Cherokee's. */
function foldedCase(char: string): string {
  return cherokee.test(char) ? char.toUpperCase() : char.toLowerCase()
}
