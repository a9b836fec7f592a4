import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { auditRules } from '../src/audit/index.js'

const page = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
const refused = ['code', 'actor?', 'subject?', 'sessionId?'].join()

it('ER-04 docs/audit.md lists every type of event with its outcomes and fields', () => {
  const listed = [...page.matchAll(/^\| `([a-z_.]+)` \| ([^|]+) \| [^|]+ \|$/gm)].map(([, type, outcomes]) => [
    type,
    outcomes,
  ])
  expect(listed).toEqual(Object.entries(auditRules).map(([type, rule]) => [type, textOf(rule)]))
})

/** Outcomes as the page writes them: what every refusal has stands above its table. */
function textOf(rule: object): string {
  const outcomes = Object.entries(rule as Readonly<Record<string, readonly string[]>>).map(([outcome, fields]) => {
    const text = fields.map((field) => `\`${field}\``).join(', ')
    return text === '' || fields.join() === refused ? outcome : `${outcome}: ${text}`
  })
  return outcomes.join('; ')
}
