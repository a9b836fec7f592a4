import type { Requirement } from './requirement.js'
import type { RouteAccess } from './route-matrix.js'

const yes = '✓'
const no = '·'

/** The table of a matrix: a line for each route, a column for anybody and for each role. */
export function renderMatrix(routes: readonly RouteAccess[], roleNames: readonly string[]): string {
  const header = ['METHOD', 'PATH', 'GUARD', 'anyone', ...roleNames]
  const rows = routes.map((route) => [
    route.method,
    route.path,
    guardText(route),
    route.access === 'guarded' ? no : yes,
    ...roleNames.map((role) => (route.roles.includes(role) ? yes : no)),
  ])
  const table = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function guardText({ access, requirements }: RouteAccess): string {
  if (access === 'unguarded') return 'UNGUARDED'
  if (access !== 'guarded') return access
  const texts = requirements.map(requirementText).filter((text) => text !== '')
  return texts.length === 0 ? 'signed in' : texts.join(' and ')
}

function requirementText({ roles, scopes, allow, recent, check }: Requirement<string, string, never>): string {
  const parts = [
    roles && `role ${roles.join(' or ')}`,
    scopes && `scope ${scopes.join(' ')}`,
    allow && `by ${allow.join(' or ')}`,
    recent !== undefined && `recent ${recent} s`,
    check && 'check',
  ]
  return parts.filter((part) => part !== undefined && part !== false).join(', ')
}
