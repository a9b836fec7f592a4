import { CompiledQuery } from 'kysely'
import type { AnyKysely } from '../../src/database.js'

/** What a plan of Postgres reads. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  /** Pages that it and the steps below it found in memory and that they read, where it was run. */
  readonly 'Shared Hit Blocks'?: number
  readonly 'Shared Read Blocks'?: number
  readonly Plans?: readonly PlanNode[]
}

/** Steps of a plan that look at every row of a table. */
export function looksAtAll(node: PlanNode): readonly string[] {
  const isScan = /^(Seq Scan|Index Scan|Index Only Scan|Bitmap Index Scan)$/.test(node['Node Type'])
  const own = isScan && node['Relation Name']?.startsWith('auth_') && node['Index Cond'] === undefined
  return [...(own ? [`${node['Node Type']} on ${node['Relation Name']}`] : []), ...(node.Plans ?? []).flatMap(looksAtAll)]
}

interface PlanRow {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }]
}

/** A statement as it was sent. */
export type SentQuery = Pick<CompiledQuery, 'sql' | 'parameters'>

/** How Postgres would run a statement. */
export async function planOf(db: AnyKysely, query: SentQuery): Promise<PlanNode> {
  return explain(db, 'explain (format json)', query)
}

/** How Postgres runs a statement. What it changes is undone. */
export async function planRun(db: AnyKysely, query: SentQuery): Promise<PlanNode> {
  const transaction = await db.startTransaction().execute()
  try {
    return await explain(transaction, 'explain (analyze, buffers, timing off, format json)', query)
  } finally {
    await transaction.rollback().execute()
  }
}

/** How many pages of 8 KiB a statement went through that was run. */
export function pagesOf(plan: PlanNode): number {
  return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
}

async function explain(db: AnyKysely, command: string, { sql: text, parameters }: SentQuery): Promise<PlanNode> {
  const { rows } = await db.executeQuery<PlanRow>(CompiledQuery.raw(`${command} ${text}`, [...parameters]))
  const [row] = rows
  if (!row) throw new Error('Postgres gave no plan')
  return row['QUERY PLAN'][0].Plan
}
