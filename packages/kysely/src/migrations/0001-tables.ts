import { sql } from 'kysely'
import type { Database, Fragment } from '../database.js'

/** What the tables are written with. */
interface Words {
  table(name: string): Fragment
  index(name: string): Fragment
  /** The first text on Postgres, the second on SQLite. */
  either(postgres: string, sqlite: string): Fragment
  /** Text that is compared and sorted byte by byte. */
  readonly key: Fragment
  readonly time: Fragment
  readonly integer: Fragment
  readonly json: Fragment
  /** For rows that are rewritten often: with room beside the old version, no index has to follow the new one. */
  readonly roomy: Fragment
}

/** The first tables. They are in databases: nothing here ever changes. */
export function createTables(database: Database): readonly Fragment[] {
  const either = (postgres: string, sqlite: string): Fragment => sql.raw({ postgres, sqlite }[database.dialect])
  const words: Words = {
    table: database.table,
    index: (name) => sql.id(database.nameOf(name)),
    either,
    key: either('text collate "C"', 'text'),
    time: either('timestamptz', 'integer'),
    integer: either('int8', 'integer'),
    json: either('jsonb', 'text'),
    roomy: either('with (fillfactor = 80)', ''),
  }
  return [
    ...metaTable(words),
    ...userTable(words),
    ...sessionTable(words),
    ...revocationTable(words),
    ...attemptTable(words),
    ...signingKeyTable(words),
    ...ticketTable(words),
    ...apiKeyTable(words),
    ...clientTable(words),
    ...auditTable(words),
    ...(database.dialect === 'sqlite' ? [announcingTrigger(words)] : []),
  ]
}

function metaTable({ table, key, either }: Words): readonly Fragment[] {
  const random = either(`md5(gen_random_uuid()::text)`, 'lower(hex(randomblob(16)))')
  return [
    sql`create table ${table('auth_meta')} (name ${key} primary key, content text not null)`,
    sql`insert into ${table('auth_meta')} (name, content) values ('feed_epoch', ${random})`,
  ]
}

function userTable({ table, key, time, integer, json, either }: Words): readonly Fragment[] {
  return [
    sql`create table ${table('auth_user')} (
      id ${key} primary key,
      email text not null,
      email_key ${key} unique,
      email_verified_at ${time},
      name text,
      password_hash text,
      roles ${json} not null,
      session_epoch ${integer} not null,
      access_version ${integer} not null,
      created_at ${time} not null,
      disabled_at ${time}${either('', ', announced_until integer')}
    )`,
  ]
}

function sessionTable({ table, index, key, time, integer, roomy }: Words): readonly Fragment[] {
  const session = table('auth_session')
  return [
    sql`create table ${session} (
      id ${key} primary key,
      user_id ${key} not null,
      client_id text,
      carrier text not null,
      epoch ${integer} not null,
      generation ${integer} not null,
      current_digest text not null,
      previous_digest text,
      sealed_successor text,
      sealed_at ${time},
      rotated_at ${time},
      created_at ${time} not null,
      authenticated_at ${time} not null,
      last_seen_at ${time} not null,
      idle_expires_at ${time} not null,
      expires_at ${time} not null,
      revoked_at ${time},
      revoked_reason text,
      ip text,
      user_agent text,
      outcome text
    ) ${roomy}`,
    // None of these has a column that a rotation changes, but the last, which only a retry window fills.
    sql`create index ${index('auth_session_of_user')} on ${session} (user_id, created_at desc, id desc) where revoked_at is null`,
    sql`create index ${index('auth_session_expiry')} on ${session} (expires_at)`,
    sql`create index ${index('auth_session_sealed')} on ${session} (sealed_at) where sealed_at is not null`,
  ]
}

function revocationTable({ table, index, key, time, integer, either }: Words): readonly Fragment[] {
  const revocation = table('auth_revocation')
  const place = either('xid xid8 not null default pg_current_xact_id()', 'place integer primary key autoincrement')
  return [
    sql`create table ${revocation} (
      ${place},
      id ${key} not null unique,
      target_kind text not null,
      target_id text not null,
      min_version ${integer},
      expires_at ${time} not null
    )`,
    sql`create index ${index('auth_revocation_place')} on ${revocation} (${either('xid', 'place')})`,
    sql`create index ${index('auth_revocation_expiry')} on ${revocation} (expires_at)`,
  ]
}

function attemptTable({ table, index, key, time, json, roomy }: Words): readonly Fragment[] {
  const attempt = table('auth_attempt')
  return [
    sql`create table ${attempt} (id ${key} primary key, slots ${json} not null, next_expires_at ${time} not null) ${roomy}`,
    sql`create index ${index('auth_attempt_expiry')} on ${attempt} (next_expires_at)`,
  ]
}

function signingKeyTable({ table, key, time, integer }: Words): readonly Fragment[] {
  return [
    sql`create table ${table('auth_signing_key')} (
      kid ${key} primary key,
      ordinal ${integer} not null unique,
      algorithm text not null,
      public_jwk text,
      sealed_private_jwk text not null,
      created_at ${time} not null,
      active_from ${time} not null,
      tag text not null
    )`,
  ]
}

function ticketTable({ table, index, key, time, integer }: Words): readonly Fragment[] {
  const ticket = table('auth_ticket')
  return [
    sql`create table ${ticket} (
      digest ${key} primary key,
      purpose ${key} not null,
      binding text not null,
      user_id ${key},
      grant_id text,
      payload text not null,
      created_at ${time} not null,
      expires_at ${time} not null,
      remember_until ${time} not null,
      uses ${integer} not null default 0
    )`,
    sql`create index ${index('auth_ticket_of_user')} on ${ticket} (user_id, purpose) where user_id is not null and uses = 0`,
    sql`create index ${index('auth_ticket_expiry')} on ${ticket} (remember_until)`,
  ]
}

function apiKeyTable({ table, index, key, time, integer, json }: Words): readonly Fragment[] {
  const apiKey = table('auth_api_key')
  return [
    sql`create table ${apiKey} (
      id ${key} primary key,
      user_id ${key} not null,
      prefix text not null,
      name text not null,
      digest text not null,
      scopes ${json} not null,
      allowed_ips ${json},
      created_at ${time} not null,
      expires_at ${time},
      last_used_at ${time},
      uses ${integer} not null,
      revoked_at ${time},
      replaced_by text
    )`,
    sql`create index ${index('auth_api_key_of_user')} on ${apiKey} (user_id, created_at desc, id desc)`,
    sql`create index ${index('auth_api_key_expiry')} on ${apiKey} (expires_at) where expires_at is not null`,
    sql`create index ${index('auth_api_key_end')} on ${apiKey} (revoked_at) where revoked_at is not null`,
  ]
}

function clientTable({ table, key, time, integer, json }: Words): readonly Fragment[] {
  return [
    sql`create table ${table('auth_client')} (
      id ${key} primary key,
      name text not null,
      kind text not null,
      secrets ${json} not null,
      redirect_uris ${json} not null,
      grants ${json} not null,
      scopes ${json} not null,
      created_at ${time} not null,
      disabled_at ${time},
      version ${integer} not null
    )`,
  ]
}

function auditTable({ table, index, key, time }: Words): readonly Fragment[] {
  const event = table('auth_audit_event')
  return [
    sql`create table ${event} (
      id ${key} primary key,
      type ${key} not null,
      at ${time} not null,
      outcome text not null,
      actor text,
      subject ${key},
      ip text,
      session_id text,
      route text,
      code text
    )`,
    sql`create index ${index('auth_audit_event_at')} on ${event} (at desc, id desc)`,
    sql`create index ${index('auth_audit_event_type')} on ${event} (type, at desc, id desc)`,
    sql`create index ${index('auth_audit_event_subject')} on ${event} (subject, at desc, id desc) where subject is not null`,
  ]
}

/** Announces a change of a user in the statement that makes it, which on SQLite cannot write a second table. */
function announcingTrigger({ table, index }: Words): Fragment {
  return sql`create trigger ${index('auth_user_announced')} after update of announced_until on ${table('auth_user')}
    when new.announced_until is not null
    begin
      insert into ${table('auth_revocation')} (id, target_kind, target_id, min_version, expires_at)
      values ('user:' || new.id || ':' || new.access_version, 'user', new.id, new.access_version, new.announced_until)
      on conflict do nothing;
    end`
}
