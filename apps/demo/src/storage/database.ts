import type { AuthStores } from '@auth/core'
import type { Kysely } from 'kysely'
import type { DemoTables, Dialect } from './tables.js'

/** The database that everything of the deployment is known by, with its tables made. */
export interface Database {
  readonly dialect: Dialect
  /** What it is and where, for people to read. */
  readonly label: string
  readonly db: Kysely<DemoTables>
  readonly stores: Required<AuthStores>
  close(): Promise<void>
}
