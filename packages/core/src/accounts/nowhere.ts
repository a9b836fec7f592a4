import { randomUuid } from '../shared/random.js'

const domain = '@lost.invalid'

/** An address that no mail reaches (RFC 2606, section 2), for an account that has lost its own. Nobody has it. */
export function nowhereAddress(): string {
  return `${randomUuid()}${domain}`
}

/** Whether an address is one of them; `parseEmailAddress` takes none. */
export function isNowhere(emailKey: string): boolean {
  return emailKey.endsWith(domain)
}
