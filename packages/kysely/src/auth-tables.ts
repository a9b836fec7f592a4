import type {
  ApiKeyRecord,
  AuditRecord,
  ClientRecord,
  IdentityRecord,
  SessionRecord,
  SigningKeyRecord,
  TicketRecord,
  UserRecord,
} from '@auth/core'
import type { Dialect } from './values.js'

/** What a driver gives for a value as it is set up by default. */
interface Stored {
  readonly postgres: { readonly time: Date; readonly integer: string; readonly json: unknown }
  readonly sqlite: { readonly time: number; readonly integer: number; readonly json: string }
}

type Snake<Field extends string> = Field extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : ''

type Cell<Value, On extends Dialect> = Value extends null | undefined
  ? null
  : Value extends Date
    ? Stored[On]['time']
    : Value extends number
      ? Stored[On]['integer']
      : Value extends string
        ? Value
        : Stored[On]['json']

/** A record's table: a column for each field, in snake_case. */
export type TableOf<Shape, On extends Dialect> = {
  readonly [Field in keyof Shape & string as Snake<Field>]-?:
    | Cell<Exclude<Shape[Field], undefined>, On>
    | (Record<never, never> extends Pick<Shape, Field> ? null : never)
}

/**
 * The tables, for an application that reads them in queries of its own; with a prefix their names begin with it.
 * Only the stores write them: what makes their promises true is in their statements.
 * @example
 * interface Tables extends AuthTables { orders: OrdersTable }
 * const db = new Kysely<Tables>({ dialect })
 */
export interface AuthTables<On extends Dialect = 'postgres'> {
  /** A deleted user keeps the bare id here, without `email_key`. */
  readonly auth_user: Omit<TableOf<UserRecord, On>, 'email_key'> & { readonly email_key: string | null }
  /** A row with the carrier `none` only remembers an id that was revoked before its session began. */
  readonly auth_session: Omit<TableOf<SessionRecord, On>, 'carrier'> & {
    readonly carrier: SessionRecord['carrier'] | 'none'
  }
  readonly auth_api_key: TableOf<ApiKeyRecord, On>
  readonly auth_identity: TableOf<IdentityRecord, On>
  readonly auth_client: TableOf<ClientRecord, On>
  readonly auth_ticket: TableOf<TicketRecord, On> & { readonly uses: Stored[On]['integer'] }
  readonly auth_signing_key: TableOf<SigningKeyRecord, On>
  readonly auth_audit_event: TableOf<AuditRecord, On>
}
