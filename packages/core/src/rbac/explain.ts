import { soundRequirement } from './check-requirement.js'
import { type DecideOptions, decide, isRecent } from './decide.js'
import { type ExplainedPart, type Explanation, renderExplanation, type ScopeGrant } from './explanation.js'
import { isPrincipal, type Principal } from './principal.js'
import type { Requirement } from './requirement.js'
import type { Roles } from './roles.js'
import { matchScope } from './scopes.js'

/**
 * Decides as `decide` does, and says by which role, through which inheritance, each part of the requirement is met, or
 * what would meet it. Never rejects. A check is asked once.
 */
export async function explain<Context>(
  principal: Principal,
  requirement: Requirement<string, string, Context>,
  now: Date,
  options: DecideOptions<Context> & { readonly roles: Roles },
): Promise<Explanation> {
  const decision = await decide(principal, requirement, now, options)
  const asked = isPrincipal(principal) ? soundRequirement(requirement) : null
  const others = asked ? partsOf(principal, asked, now, options.roles) : []
  const check = asked?.check ? [checkPart(others, decision.allowed)] : []
  const explained = { decision, parts: Object.freeze([...others, ...check]) }
  return Object.freeze({ ...explained, allowed: decision.allowed, toString: () => renderExplanation(explained) })
}

function partsOf(
  principal: Principal,
  { allow, roles, scopes = [], recent }: Requirement<string, string, never>,
  now: Date,
  declared: Roles,
): readonly ExplainedPart[] {
  const parts: ExplainedPart[] = []
  if (allow) parts.push({ part: 'allow', met: allow.includes(principal.via), allow, via: principal.via })
  if (roles) parts.push(rolesPart(principal, roles, declared))
  parts.push(...scopes.map((scope) => scopePart(principal, scope, declared)))
  if (recent !== undefined) {
    const { authenticatedAt } = principal
    const agoSeconds = authenticatedAt ? Math.round((now.getTime() - authenticatedAt.getTime()) / 1000) : null
    parts.push({ part: 'recent', met: isRecent(authenticatedAt, recent, now), seconds: recent, agoSeconds })
  }
  return parts
}

function checkPart(others: readonly ExplainedPart[], isAllowed: boolean): ExplainedPart {
  return { part: 'check', met: others.every(({ met }) => met) ? isAllowed : null }
}

function rolesPart(principal: Principal, asked: readonly string[], declared: Roles): ExplainedPart {
  const held = principal.roles.find((role) => asked.includes(role))
  const through = held === undefined ? [] : (chainTo(principal, declared, (role) => role === held) ?? [held])
  const wouldDo = declared.roleNames.filter((name) => declared.resolve([name]).roles.some((role) => asked.includes(role)))
  return { part: 'roles', met: held !== undefined, asked, through, wouldDo }
}

function scopePart(principal: Principal, scope: string, declared: Roles): ExplainedPart {
  const grant = grantOf(principal, scope, declared)
  const wouldDo = declared.roleNames.filter((name) =>
    declared.resolve([name]).scopes.some((pattern) => matchScope(pattern, scope)),
  )
  return { part: 'scope', met: grant !== null, scope, grant, wouldDo }
}

/** What covers a scope. A credential may carry less than its owner's roles give: only what it carries counts. */
function grantOf(principal: Principal, scope: string, declared: Roles): ScopeGrant | null {
  const pattern = principal.scopes.find((held) => matchScope(held, scope))
  if (pattern === undefined) return null
  const declares = (role: string): boolean => declared.definition(role)?.scopes?.includes(pattern) ?? false
  return { pattern, through: chainTo(principal, declared, declares) ?? [] }
}

/** The shortest way through inheritance from a role that nothing else held inherits to one that is looked for. */
function chainTo(principal: Principal, declared: Roles, isFound: (role: string) => boolean): readonly string[] | null {
  const inherited = new Set(principal.roles.flatMap((role) => declared.definition(role)?.inherits ?? []))
  const queue = principal.roles.filter((role) => !inherited.has(role)).map((role) => [role])
  for (const chain of queue) {
    const last = chain.at(-1) as string // No chain is empty.
    if (isFound(last)) return chain
    for (const parent of declared.definition(last)?.inherits ?? []) queue.push([...chain, parent])
  }
  return null
}
