import { type Audit, type AuditEvent, type AuditEventType, isAuditEventType } from '../../audit/index.js'
import { AuthError } from '../../errors.js'
import { singleParameter } from '../query.js'
import { type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

const reading = ['audit:read']
const pageSize = 100
const idPattern = /^[\w.-]{1,64}$/
const longestSubject = 256

/** The audit trail, for whoever may read it. */
export function auditRoutes({ answers, requireScopes }: RouteTools, audit: Audit): Route[] {
  return [
    route(
      'GET',
      '/audit',
      bodies.none,
      async (call) => {
        const { searchParams } = new URL(call.source.url)
        const after = singleParameter(searchParams, 'after')
        if (after !== null && !idPattern.test(after)) throw new AuthError('invalid_request')
        const type = typeOf(singleParameter(searchParams, 'type'))
        const subject = subjectOf(singleParameter(searchParams, 'subject'))
        await requireScopes(call, reading)
        const listed = await audit.list({
          ...(after !== null && { after }),
          ...(type !== null && { type }),
          ...(subject !== null && { subject }),
          limit: pageSize + 1,
        })
        const events = listed.slice(0, pageSize)
        const next = listed.length > pageSize ? (events.at(-1)?.id ?? null) : null
        return answers.json({ events: events.map(viewEvent), next })
      },
      { scopes: reading },
    ),
  ]
}

function typeOf(text: string | null): AuditEventType | null {
  if (text === null || isAuditEventType(text)) return text
  throw new AuthError('validation_failed', {
    issues: [{ path: 'type', code: 'unknown_type', message: 'is no type of event' }],
  })
}

function subjectOf(text: string | null): string | null {
  if (text === null || (text.length <= longestSubject && !/\p{Cc}/u.test(text))) return text
  throw new AuthError('validation_failed', {
    issues: [{ path: 'subject', code: 'invalid_value', message: 'is no id of a subject' }],
  })
}

/** The fields of the route's answer, by name: what a store may give beside them stays here. */
function viewEvent({ id, type, at, outcome, actor, subject, ip, sessionId, route, code }: AuditEvent): object {
  return { id, type, at, outcome, actor, subject, ip, sessionId, route, code }
}
