import type { MailKind } from './mailer.js'

/** What a mail is written from. Nothing in it was chosen by a stranger but `newEmail`, which is an address. */
export interface MailFacts {
  readonly kind: MailKind
  readonly to: string
  /** The host of the issuer. */
  readonly serviceName: string
  readonly link: string | null
  /** A second way on, where there is one. */
  readonly signIn: string
  /** For how many seconds the link works; `null` where it has no ticket. */
  readonly validForSeconds: number | null
  /** Of a change of address: the new one. */
  readonly newEmail: string | null
  /** Of an alert: what happened, as one of a few words that stay: `refresh_reused`, `new_device`, `lockout`, `identity_linked`, `password_reset`. */
  readonly alert: string | null
}

/** The words of a mail. */
export interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Writes mails. Whatever goes into HTML has to be escaped: see `escapeHtml`. */
export type MailTemplate = (facts: MailFacts) => MailContent

/** Templates in the place of the built-in ones. */
export type MailTemplates = { readonly [Kind in MailKind]?: MailTemplate }

interface Wording {
  readonly subject: string
  readonly before: readonly string[]
  readonly action: string
  readonly after: readonly string[]
}

const ifNotYou = 'If this was not you, ignore this mail: nothing changes.'
const alertTexts: Readonly<Record<string, string>> = {
  refresh_reused: 'One of your sessions was used from two places at once, so somebody may have copied it. It was ended.',
  new_device: 'Your account was used to sign in on a device that it was not used on before.',
  identity_linked:
    'An account at another provider was connected to your account: whoever has it can sign in to yours from now on.',
  password_reset:
    'A new password was chosen for your account by a link in a mail to this address. API keys and connected providers of before ' +
    'still work. If you do not know all of them, end those in your account.',
  lockout: 'Somebody tried many wrong passwords for your account. New devices cannot sign in to it for a while.',
}

const wordings: { readonly [Kind in MailKind]: (facts: MailFacts) => Wording } = {
  email_verification: ({ serviceName }) => ({
    subject: `Confirm your address for ${serviceName}`,
    before: [`Somebody, probably you, signed up at ${serviceName} with this address.`],
    action: 'Confirm the address',
    after: [ifNotYou],
  }),
  already_registered: ({ serviceName, signIn }) => ({
    subject: `You have an account at ${serviceName} already`,
    before: [
      `Somebody, probably you, wanted to use this address at ${serviceName}. It has an account already.`,
      `Sign in at ${signIn}, or choose a new password:`,
    ],
    action: 'Choose a new password',
    after: [ifNotYou],
  }),
  email_change: ({ serviceName }) => ({
    subject: `Confirm your new address for ${serviceName}`,
    before: [`Your account at ${serviceName} is to have this address.`],
    action: 'Confirm the address',
    after: [ifNotYou],
  }),
  email_change_notice: ({ serviceName, newEmail }) => ({
    subject: `Your address at ${serviceName} is being changed`,
    before: [
      `Your account at ${serviceName} is to have the address ${newEmail} instead of this one.`,
      'If this was you, there is nothing to do here.',
    ],
    action: 'This was not me: end all sessions',
    after: [],
  }),
  password_reset: ({ serviceName }) => ({
    subject: `Choose a new password for ${serviceName}`,
    before: [`Somebody, probably you, asked for a new password at ${serviceName}.`],
    action: 'Choose a new password',
    after: [ifNotYou],
  }),
  security_alert: ({ serviceName, alert }) => ({
    subject: `Look after your account at ${serviceName}`,
    before: [alertTexts[alert ?? ''] ?? `Something happened to your account at ${serviceName} that you should know of.`],
    action: 'This was not me: end all sessions',
    after: ['If this was you, there is nothing to do.'],
  }),
}

/** Writes a mail from its template, or from the built-in one. */
export function writeMail(facts: MailFacts, templates: MailTemplates): MailContent {
  return templates[facts.kind]?.(facts) ?? write(wordings[facts.kind](facts), facts)
}

function write({ subject, before, action, after }: Wording, { link, validForSeconds }: MailFacts): MailContent {
  const validity = validForSeconds === null ? [] : [`The link works once, within ${spanOf(validForSeconds)}.`]
  const ending = link === null ? after : [...validity, ...after]
  const text = [...before, ...(link === null ? [] : [`${action}:\n${link}`]), ...ending].join('\n\n')
  const paragraph = (line: string): string => `<p>${escapeHtml(line)}</p>`
  const anchor = link === null ? [] : [`<p><a href="${escapeHtml(link)}">${escapeHtml(action)}</a></p>`]
  const body = [...before.map(paragraph), ...anchor, ...ending.map(paragraph)].join('\n')
  return { subject, text: `${text}\n`, html: `<!doctype html>\n<title>${escapeHtml(subject)}</title>\n${body}\n` }
}

function spanOf(seconds: number): string {
  const hours = Math.round(seconds / 3600)
  return hours > 24 ? `${Math.round(hours / 24)} days` : hours === 1 ? 'one hour' : `${hours} hours`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as it may stand in HTML, between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? '')
}
