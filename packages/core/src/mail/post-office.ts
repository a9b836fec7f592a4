import type { AuditRecorder } from '../audit/index.js'
import type { Clock } from '../shared/clock.js'
import { addressKey } from '../throttle/index.js'
import { type BackgroundQueue, createBackgroundQueue } from './background-queue.js'
import type { MailBudget } from './mail-budget.js'
import { type MailFacts, type MailTemplates, writeMail } from './mail-templates.js'
import type { Mailer, MailKind } from './mailer.js'

/** What the post office needs. */
export interface PostOfficeDeps {
  readonly mailer: Mailer
  readonly templates: MailTemplates
  readonly budget: MailBudget
  readonly audit: AuditRecorder
  readonly clock: Clock
  readonly serviceName: string
  /** The page on which people sign in. */
  readonly signIn: string
  /** Hears why a mail did not go out. */
  readonly onError: (error: unknown, kind: MailKind) => void
}

/** A mail about to be written. */
export interface Letter {
  readonly to: string
  /** Whose account it is about. */
  readonly userId: string
  /** Whose budget it counts against beside the recipient's. */
  readonly recipient: string
  /** Whose wish it is that a mail goes to somebody else: of these they have a budget too. */
  readonly sender?: string
  /**
   * Goes out whatever its recipient has had, so that nobody can keep it from them by asking for others. For mails alone of which
   * each costs something that came in a limited mail and works once.
   */
  readonly isOwed?: boolean
  /** Makes the link; asked only where the mail goes out. */
  readonly link: () => Promise<string | null>
  readonly validForSeconds?: number
  readonly newEmail?: string
  readonly alert?: string
}

/** What is known of a stranger who asks for a mail. */
export interface Wish {
  /** Their address. */
  readonly ip?: string | undefined
}

/** Sends mails after the answer: whether one goes out, and how long that takes, shows in no answer. */
export interface PostOffice {
  /**
   * Sends what `write` gives, once it is this mail's turn; nothing where that is `null`. Returns at once, and never throws.
   * @param wish Whence a stranger asks for it, whose wishes are limited, whoever the mails are to go to.
   */
  post(kind: MailKind, write: () => Promise<Letter | null>, wish?: Wish): void
  /** Resolves when every mail that was posted so far has gone out or failed. */
  idle(): Promise<void>
}

/** How long a mailer may take over one mail. */
const sendDeadlineMs = 30_000
const limits = { concurrency: 8, capacity: 1000, strangers: { each: 50, all: 800 } }

/** Makes the post office. */
export function createPostOffice(deps: PostOfficeDeps, queue: BackgroundQueue = createBackgroundQueue(limits)): PostOffice {
  const { mailer, templates, budget, audit, clock, serviceName, signIn, onError } = deps

  async function failed(kind: MailKind, error: unknown, userId?: string): Promise<void> {
    onError(error, kind)
    await audit.record({ type: 'mail.failed', outcome: 'failure', subject: userId })
  }

  async function isWithinBudgets(
    kind: MailKind,
    { recipient, sender, isOwed = false }: Letter,
    address: string | undefined,
  ): Promise<boolean> {
    if (isOwed) return true
    if (sender !== undefined && !(await budget.spend(kind, sender))) return false
    if (!(await budget.spend(kind, recipient))) return false
    // Who signs up has had a password hashed for it, which is limit enough where many share an address.
    return address === undefined || kind === 'email_verification' || budget.spendOfAddress(address)
  }

  const suppressed = (userId?: string): Promise<void> =>
    audit.record({ type: 'mail.suppressed', outcome: 'failure', subject: userId })

  async function send(kind: MailKind, letter: Letter, address: string | undefined): Promise<void> {
    if (!(await isWithinBudgets(kind, letter, address))) return suppressed(letter.userId)
    const { to, validForSeconds = null, newEmail = null, alert = null } = letter
    const link = await letter.link()
    const facts: MailFacts = { kind, to, serviceName, link, signIn, validForSeconds, newEmail, alert }
    const { subject, text, html } = writeMail(facts, templates)
    await inTime(async () => mailer.send({ to, kind, subject, text, html, link }))
  }

  async function inTime(work: () => Promise<unknown>): Promise<void> {
    const settled = new AbortController()
    const late = clock.wait(sendDeadlineMs, settled.signal).then(() => {
      throw new Error(`The mailer did not take a mail within ${sendDeadlineMs} ms`)
    })
    try {
      await Promise.race([work(), late])
    } finally {
      settled.abort()
      late.catch(() => undefined)
    }
  }

  return {
    idle: () => queue.idle(),
    post(kind, write, wish) {
      const address = wish && addressKey(wish.ip)
      const taken = queue.push(async () => {
        let letter: Letter | null = null
        try {
          letter = await write()
          if (letter) await send(kind, letter, address)
        } catch (error) {
          await failed(kind, error, letter?.userId)
        }
      }, address)
      if (taken) return
      void (wish ? suppressed() : failed(kind, new Error('Too many mails wait to be sent')))
    },
  }
}
