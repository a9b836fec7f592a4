import {
  type AccountMails,
  type AddressNotes,
  createAccountMails,
  createAddressNotes,
  createEmailConfirmation,
  createRecovery,
  type EmailConfirmation,
  type EmailConfirmationDeps,
  type Recovery,
  type RecoveryDeps,
} from './accounts/index.js'
import type { AuditRecorder } from './audit/index.js'
import type { ResolvedConfig } from './config.js'
import { createMailBudget, createPostOffice, type PostOffice } from './mail/index.js'
import type { Secrets } from './shared/secrets.js'
import type { AuthStores } from './stores.js'
import { createTicketService, type TicketService } from './tickets/index.js'

/** What sends mails, where any are sent. */
export interface MailParts {
  readonly account: AccountMails
  readonly tickets: TicketService
  readonly notes: AddressNotes
  readonly postOffice: PostOffice
}

/** Puts together what sends mails about accounts; `null` where there is no mailer. */
export function wireMails(
  { mail, issuer, clock, logger }: ResolvedConfig,
  { stores, secrets, audit }: { stores: AuthStores; secrets: Secrets; audit: AuditRecorder },
): MailParts | null {
  if (!mail || !stores.tickets) return null
  const { mailer, links, templates } = mail
  const postOffice = createPostOffice({
    mailer,
    templates,
    budget: createMailBudget(stores.attempts, clock),
    audit,
    clock,
    serviceName: issuer.hostname,
    signIn: links.signIn,
    // Not the error itself: those of mailers carry the mail, and so the ticket in it.
    onError: (error, kind) => logger.error({ error: nameOf(error), kind }, 'a mail was not sent'),
  })
  const tickets = createTicketService({ store: stores.tickets, secrets, clock })
  const notes = createAddressNotes(stores.tickets, clock)
  const account = createAccountMails({ users: stores.users, tickets, postOffice, links, audit, notes })
  return { tickets, notes, postOffice, account }
}

/** Puts together what the mails' links lead to. */
export function wireMailed(
  { account: mails, tickets, notes }: MailParts,
  deps: Omit<RecoveryDeps & EmailConfirmationDeps, 'mails' | 'tickets' | 'notes'>,
): { readonly emails: EmailConfirmation; readonly recovery: Recovery } {
  return {
    emails: createEmailConfirmation({ ...deps, mails, tickets, notes }),
    recovery: createRecovery({ ...deps, mails, tickets }),
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name
}
