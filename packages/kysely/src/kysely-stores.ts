import type { AuthStores } from '@auth/core'
import { createApiKeyStore } from './api-key-store.js'
import { createAttemptStore } from './attempt-store.js'
import { createAuditStore } from './audit-store.js'
import { createChanges } from './changes.js'
import { createClientStore } from './client-store.js'
import { type AnyKysely, type DeadlineOptions, openDatabase, type TableOptions } from './database.js'
import { createDeploymentMark } from './deployment-mark.js'
import { createIdentityStore } from './identity-store.js'
import type { Listen } from './listen.js'
import { createRevocationStore } from './revocation-store.js'
import { createSessionStore } from './session-store.js'
import { createSigningKeyStore } from './signing-key-store.js'
import { createTicketStore } from './ticket-store.js'
import { createUserStore } from './user-store.js'

/** How the stores are set up. */
export interface KyselyStoresOptions extends TableOptions, DeadlineOptions {
  /**
   * Opens a connection that only listens, so that revocations reach this process at once instead of with the next read.
   * Postgres alone; give it on every node, because only then appending notifies. Without it nothing is less safe, only later.
   */
  readonly listen?: Listen
}

/**
 * All stores in one Postgres or SQLite database. The tables are made by `migrateAuth`.
 * @param db Any Kysely, whatever its tables and plugins. It stays the caller's: nothing here closes it.
 * @throws ConfigError for another dialect, or options that fit none.
 * @example
 * const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
 * await migrateAuth(db)
 * const auth = createAuth({ issuer, secret, stores: kyselyStores(db) })
 */
export function kyselyStores(db: AnyKysely, options: KyselyStoresOptions = {}): Required<AuthStores> {
  const database = openDatabase(db, options)
  const listen = database.dialect === 'postgres' ? options.listen : undefined
  const deployment = createDeploymentMark(database)
  const revocations = createRevocationStore(database, deployment, listen)
  const ownFeed = { store: revocations, listens: listen !== undefined }
  const audit = createAuditStore(database, deployment)
  const changes = createChanges(database, audit)
  const users = createUserStore(database, changes, deployment, ownFeed)
  return {
    revocations,
    users,
    identities: createIdentityStore(database, changes, deployment, ownFeed),
    sessions: createSessionStore(database, changes, deployment, users),
    attempts: createAttemptStore(database, deployment),
    signingKeys: createSigningKeyStore(database, changes, deployment),
    audit,
    tickets: createTicketStore(database, changes, deployment),
    apiKeys: createApiKeyStore(database, changes, deployment),
    clients: createClientStore(database, changes, deployment),
  }
}
