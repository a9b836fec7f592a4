import { type Mail, type Mailer, StoreError } from '@auth/core'
import type { Kysely } from 'kysely'
import type { DemoTables } from '../storage/index.js'

/** A mail that went nowhere else. */
export interface OutboxMessage extends Pick<Mail, 'to' | 'kind' | 'subject' | 'text' | 'link'> {
  /** ISO 8601, UTC. */
  readonly at: string
}

/** Where mails go that nothing delivers: all processes of a deployment have one. */
export interface Outbox extends Mailer {
  /** The newest mails, in the order in which they were sent. @throws StoreError where the database fails */
  list(): Promise<readonly OutboxMessage[]>
}

/** Bound on what a demo keeps. */
const mostMessages = 200

/** Makes the outbox over the demo's own table. */
export function createOutbox(db: Kysely<DemoTables>): Outbox {
  const newest = () => db.selectFrom('demo_mail').orderBy('position', 'desc').limit(mostMessages)
  return {
    async send({ to, kind, subject, text, link }) {
      const at = new Date().toISOString()
      await db.insertInto('demo_mail').values({ recipient: to, kind, subject, content: text, link, at }).execute()
      await db.deleteFrom('demo_mail').where('position', 'not in', newest().select('position')).execute()
    },
    async list() {
      try {
        const rows = await newest().selectAll().execute()
        return rows.reverse().map(({ recipient, kind, subject, content, link, at }) => {
          return { to: recipient, kind: kind as Mail['kind'], subject, text: content, link, at } // As it was sent.
        })
      } catch (cause) {
        throw new StoreError('The outbox could not be reached', { cause })
      }
    },
  }
}
