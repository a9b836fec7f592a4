import { type AnyKysely, type Database, type Fragment, openDatabase, type TableOptions } from '../database.js'
import { createTables } from './0001-tables.js'
import { createIdentityTable } from './0002-identities.js'
import { addOauthServer } from './0003-oauth-server.js'

/** One step of the tables' history, in the form that Kysely's `Migrator` takes. */
export interface AuthMigration {
  /** Makes the change. */
  up(db: AnyKysely): Promise<void>
}

/** In order of their names. A step that was released never changes, and later ones only add: the release before runs on them too. */
const steps: Readonly<Record<string, (database: Database) => readonly Fragment[]>> = {
  '20261123_auth_0001_tables': createTables,
  '20261128_auth_0002_identities': createIdentityTable,
  '20261128_auth_0003_oauth_server': addOauthServer,
}

/**
 * The tables' history, for an application that would rather run it among its own migrations than call `migrateAuth`.
 * Give the same options to `kyselyStores`. Running a step throws a ConfigError for options that fit no table.
 */
export function authMigrations(options: TableOptions = {}): Record<string, AuthMigration> {
  const migrations = Object.entries(steps).map(([name, statements]): [string, AuthMigration] => [
    name,
    {
      async up(given) {
        const db = given.withoutPlugins()
        for (const statement of statements(openDatabase(db, options))) await statement.execute(db)
      },
    },
  ])
  return Object.fromEntries(migrations)
}
