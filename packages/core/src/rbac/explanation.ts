import type { CredentialKind } from './principal.js'
import type { Decision } from './requirement.js'

/** What gives a principal a scope. */
export interface ScopeGrant {
  /** The scope as it is granted; may be a pattern, as in `read:*`. */
  readonly pattern: string
  /**
   * The roles from one that the user holds down to the one that declares the pattern, each inheriting the next. Empty
   * where the credential itself carries the scope: an API key, a client's token.
   */
  readonly through: readonly string[]
}

/** One part of a requirement, and whether it is met. */
export type ExplainedPart =
  | {
      readonly part: 'allow'
      readonly met: boolean
      readonly allow: readonly CredentialKind[]
      readonly via: CredentialKind
    }
  | {
      readonly part: 'roles'
      readonly met: boolean
      /** Any one of these was asked for. */
      readonly asked: readonly string[]
      /** The roles from one that the user holds down to the one that was asked for. */
      readonly through: readonly string[]
      /** Declared roles of which each would do. */
      readonly wouldDo: readonly string[]
    }
  | {
      readonly part: 'scope'
      readonly met: boolean
      readonly scope: string
      /** The grant that covers it; `null` where none does. */
      readonly grant: ScopeGrant | null
      /** Declared roles of which each would do. */
      readonly wouldDo: readonly string[]
    }
  | {
      readonly part: 'recent'
      readonly met: boolean
      /** How many seconds ago a person may have proved who they are. */
      readonly seconds: number
      /** How many seconds ago they did; `null` where no person did. */
      readonly agoSeconds: number | null
    }
  /** `met` is `null` where the check was not asked, because another part is not met. */
  | { readonly part: 'check'; readonly met: boolean | null }

/**
 * Why a principal may do something, or what is missing. For the application's own eyes, its logs and its administrators:
 * it tells more than a refusal tells the caller.
 */
export interface Explanation {
  readonly allowed: boolean
  readonly decision: Decision
  /** Every part of the requirement, in the order in which they are decided. Empty for one that asks for nothing. */
  readonly parts: readonly ExplainedPart[]
  /** The same for a person, a line for each part. */
  toString(): string
}

/** The text of an explanation. */
export function renderExplanation({ decision, parts }: Omit<Explanation, 'toString' | 'allowed'>): string {
  const head = decision.allowed ? 'allowed' : `denied: ${decision.code}`
  return [head, ...parts.map((part) => `  ${mark(part.met)} ${lineOf(part)}`)].join('\n')
}

function mark(met: boolean | null): string {
  if (met === null) return '?'
  return met ? '+' : '-'
}

function lineOf(part: ExplainedPart): string {
  switch (part.part) {
    case 'allow':
      return `credential ${part.via}: ${part.met ? 'will do' : `must come as ${part.allow.join(' or ')}`}`
    case 'roles':
      return `role ${part.asked.join(' or ')}: ${part.met ? `held${by(part.through)}` : missing(part.wouldDo)}`
    case 'scope':
      return `scope ${part.scope}: ${part.grant ? `granted as ${part.grant.pattern}${by(part.grant.through)}` : missing(part.wouldDo)}`
    case 'recent':
      return `sign-in within ${part.seconds} s: ${part.agoSeconds === null ? 'no person signed in' : `was ${part.agoSeconds} s ago`}`
    case 'check':
      if (part.met === null) return "the application's check: was not asked"
      return `the application's check: ${part.met ? 'allows' : 'denies'}`
  }
}

function by(through: readonly string[]): string {
  return through.length === 0 ? ' by the credential' : ` by ${through.join(' → ')}`
}

function missing(wouldDo: readonly string[]): string {
  return wouldDo.length === 0 ? 'missing; no declared role has it' : `missing; would do: ${wouldDo.join(', ')}`
}
