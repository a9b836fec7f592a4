import { type Generated, type Kysely, sql } from 'kysely'

/** The demo's own tables, beside those of the stores. */
export interface DemoTables {
  /** What people ordered. */
  demo_order: {
    /** Counts up, so that the newest is known from the others. */
    position: Generated<number>
    id: string
    owner: string
    item: string
    /** ISO 8601, UTC. */
    created_at: string
  }
  /** Mails that nothing delivers. */
  demo_mail: {
    /** Counts up. */
    position: Generated<number>
    recipient: string
    kind: string
    subject: string
    content: string
    link: string | null
    /** ISO 8601, UTC. */
    at: string
  }
  /** What all processes of a deployment have in common. */
  demo_deployment: { name: string; content: string }
}

/** Which SQL a database speaks. */
export type Dialect = 'postgres' | 'sqlite'

/** Of the advisory lock on Postgres: any number that nothing else uses. */
const lockKey = '4082316618057120924'

/** Makes the tables that are not there. Safe in every process at every start. */
export async function migrateDemo(db: Kysely<DemoTables>, dialect: Dialect): Promise<void> {
  if (dialect === 'sqlite') return makeTables(db, dialect)
  await db.transaction().execute(async (transaction) => {
    // Two at once would both find that a table is not there.
    await sql`select pg_advisory_xact_lock(${sql.lit(lockKey)})`.execute(transaction)
    await makeTables(transaction, dialect)
  })
}

async function makeTables({ schema }: Kysely<DemoTables>, dialect: Dialect): Promise<void> {
  const counted = (table: string) =>
    schema
      .createTable(table)
      .ifNotExists()
      .addColumn('position', dialect === 'sqlite' ? 'integer' : 'bigserial', (column) =>
        dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey(),
      )
  await counted('demo_order')
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('item', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute()
  const byOwner = schema.createIndex('demo_order_owner').ifNotExists().on('demo_order').columns(['owner', 'position'])
  await byOwner.execute()
  await counted('demo_mail')
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('link', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('demo_deployment')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('content', 'text', (column) => column.notNull())
    .execute()
}
