import { AuthError } from '../errors.js'
import type { TicketPayload } from '../tickets/index.js'

/** The texts of a ticket's payload. @throws AuthError `ticket_invalid` where one is missing: a ticket of another release */
export function provided<const Name extends string>(
  payload: TicketPayload,
  names: readonly Name[],
): { readonly [Each in Name]: string } {
  const texts = names.map((name) => {
    const text = payload[name]
    if (text === undefined) throw new AuthError('ticket_invalid')
    return [name, text] as const
  })
  return Object.fromEntries(texts) as { readonly [Each in Name]: string } // Every name is there.
}
