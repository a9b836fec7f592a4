import { later } from '../../shared/duration.js'
import type { TicketRecord, TicketStore, TicketUse } from '../../tickets/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, lookalikesOf } from './hostile-texts.js'
import { itDeletesExpired } from './housekeeping-tests.js'
import { afterMs, countOf, eras, present, range, uniqueDigest, uniqueText, uniqueUuid } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves a `TicketStore`: each sentence of its interface is a test. */
export function ticketStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('tickets', api, openStores, options, (suite) => {
    itKeepsTickets(suite)
    itTellsTextsApart(suite)
    itTakesAnyText(suite)
    itConsumes(suite)
    itJudgesByNow(suite)
    itHasOneWinner(suite)
    itWithdraws(suite)
    itTells(suite, 'consume', async () => {
      const ticket = ticketRecord()
      await suite.store.insert(ticket)
      return async (tickets, event) => (await tickets.consume({ ...useOf(ticket), event })).outcome === 'consumed'
    })
    itDeletesExpired(suite, async (end, index) => {
      const ticket = ticketRecord({ expiresAt: later(end, -60), rememberUntil: end }, later(end, -3600))
      expectThat(await suite.store.insert(ticket), 'insert of a new ticket answers true')
      const now = later(end, -120)
      if (index % 2 === 0)
        return { isThere: async () => (await suite.store.find(ticket.digest, ticket.purpose, now)) !== null }
      await suite.store.consume(useOf(ticket, now))
      return { isThere: async () => (await suite.store.consume(useOf(ticket, now))).outcome === 'replayed' }
    })
  })
}

function ticketRecord(fields: Partial<TicketRecord> = {}, now: Date = present): TicketRecord {
  return {
    digest: uniqueDigest(),
    purpose: 'reset-password',
    binding: uniqueDigest(),
    userId: uniqueUuid(),
    grantId: uniqueUuid(),
    payload: '{"b": 1,  "a":[2.0,1e3], "b":"\\u0000"}',
    createdAt: now,
    expiresAt: afterMs(later(now, 600), 2),
    rememberUntil: afterMs(later(now, 1200), 3),
    ...fields,
  }
}

function useOf({ digest, purpose, binding, createdAt }: TicketRecord, now: Date = later(createdAt, 1)): TicketUse {
  return { digest, purpose, binding, now }
}

function itKeepsTickets({ it, store }: StoreSuite<TicketStore>): void {
  it('ST-01 find, consume: give back every field as it was inserted', async () => {
    const empty = { userId: null, grantId: null, payload: '' }
    for (const ticket of [ticketRecord(), ticketRecord(empty), ...eras.map((era) => ticketRecord({}, era))]) {
      expectThat(await store.insert(ticket), 'insert of a new ticket answers true')
      const now = later(ticket.createdAt, 1)
      expectEqual(await store.find(ticket.digest, ticket.purpose, now), ticket, 'find gives back the ticket')
      expectEqual(await store.find(ticket.digest, ticket.purpose, now), ticket, 'find does not use it')
      expectEqual(await store.consume(useOf(ticket)), { outcome: 'consumed', ticket }, 'consume gives back the ticket')
      expectEqual(await store.consume(useOf(ticket)), { outcome: 'replayed', ticket }, 'a replay gives back the ticket')
    }
  })

  it('ST-01 find: null for what was never inserted, whatever text it is', async () => {
    for (const text of [uniqueDigest(), ...hostileTexts]) {
      const digest = text as TicketRecord['digest'] // Whatever is presented is digested first; a store need not know.
      expectEqual(await store.find(digest, 'reset-password', present), null, 'find answers null')
      const { outcome } = await store.consume(useOf(ticketRecord({ digest })))
      expectEqual(outcome, 'absent', 'consume of an unknown ticket answers absent')
    }
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const text of hostileTexts) {
      const short = text.slice(0, 200)
      const ticket = ticketRecord({ purpose: short, userId: short, grantId: short, payload: JSON.stringify(text) })
      await store.insert(ticket)
      expectEqual(await store.consume(useOf(ticket)), { outcome: 'consumed', ticket }, 'consume gives back the ticket')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const ticket = ticketRecord()
    const passed = structuredClone(ticket)
    await store.insert(passed)
    vandalise(passed)
    vandalise(await store.find(ticket.digest, ticket.purpose, present))
    vandalise(await store.consume(useOf(ticket)))
    expectEqual(await store.consume(useOf(ticket)), { outcome: 'replayed', ticket }, 'the store keeps what it was given')
  })

  it('ST-02 insert: false where the digest exists, used or not, and never overwrites', async () => {
    const ticket = ticketRecord()
    await store.insert(ticket)
    expectEqual(
      await store.insert(ticketRecord({ digest: ticket.digest })),
      false,
      'insert of a digest that exists answers false',
    )
    expectEqual(await store.consume(useOf(ticket)), { outcome: 'consumed', ticket }, 'insert never overwrites')
    expectEqual(await store.insert(ticket), false, 'insert of a digest that was used answers false')
    expectEqual((await store.consume(useOf(ticket))).outcome, 'replayed', 'insert never makes a used ticket new')
  })
}

function itTellsTextsApart({ it, store }: StoreSuite<TicketStore>): void {
  it('ST-01 takes digests, purposes, bindings and users that look alike for different ones', async () => {
    const ticket = ticketRecord({ purpose: uniqueText('purpose'), userId: uniqueText('user') })
    await store.insert(ticket)
    for (const text of lookalikesOf(ticket.digest)) {
      const digest = text as TicketRecord['digest'] // Of another secret.
      expectEqual(await store.find(digest, ticket.purpose, present), null, 'find finds exactly this digest')
      expectEqual(
        await store.consume({ ...useOf(ticket), digest }),
        { outcome: 'absent' },
        'consume takes exactly this digest',
      )
    }
    for (const purpose of lookalikesOf(ticket.purpose)) {
      expectEqual(await store.find(ticket.digest, purpose, present), null, 'find finds exactly this purpose')
      expectEqual(
        await store.consume({ ...useOf(ticket), purpose }),
        { outcome: 'mismatch' },
        'consume takes exactly this purpose',
      )
      expectEqual(await store.revokeAll(purpose, ticket.userId ?? ''), 0, 'revokeAll withdraws exactly this purpose')
    }
    for (const text of lookalikesOf(ticket.binding)) {
      const binding = text as TicketRecord['digest'] // Of other things.
      expectEqual(
        await store.consume({ ...useOf(ticket), binding }),
        { outcome: 'mismatch' },
        'consume takes exactly this binding',
      )
    }
    for (const userId of lookalikesOf(ticket.userId ?? '')) {
      expectEqual(await store.revokeAll(ticket.purpose, userId), 0, 'revokeAll withdraws the tickets of exactly this user')
    }
    expectEqual(await store.consume(useOf(ticket)), { outcome: 'consumed', ticket }, 'the ticket is as before')
  })
}

function itTakesAnyText(suite: StoreSuite<TicketStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => {
    const digest = text as TicketRecord['digest'] // A store need not know what a digest looks like.
    return [
      ['find', store.find(digest, text, present), null],
      ['consume', store.consume(useOf(ticketRecord({ digest, purpose: text }))), { outcome: 'absent' }],
      ['revokeAll', store.revokeAll(text, text), 0],
    ]
  })
  itKeepsOrRefuses(suite, (text) => {
    const ticket = ticketRecord({ grantId: text, payload: text })
    return {
      write: () => store.insert(ticket),
      read: () => store.find(ticket.digest, ticket.purpose, present),
      expected: { kept: ticket, refused: null },
    }
  })
}

function itConsumes({ it, store }: StoreSuite<TicketStore>): void {
  it('consume: a mismatch changes nothing, before the use and after it', async () => {
    const ticket = ticketRecord()
    await store.insert(ticket)
    const wrong = [
      { ...useOf(ticket), binding: uniqueDigest() },
      { ...useOf(ticket), purpose: 'verify-email' },
    ]
    for (const use of wrong)
      expectEqual(await store.consume(use), { outcome: 'mismatch' }, 'another purpose or binding answers mismatch')
    expectEqual(await store.consume(useOf(ticket)), { outcome: 'consumed', ticket }, 'the rightful holder can still use it')
    for (const use of wrong)
      expectEqual(await store.consume(use), { outcome: 'mismatch' }, 'a use is told only to who knows the binding')
    expectEqual(await store.consume(useOf(ticket)), { outcome: 'replayed', ticket }, 'a use is remembered')
    expectEqual(await store.find(ticket.digest, ticket.purpose, present), null, 'find finds no used ticket')
  })
}

function itJudgesByNow({ it, store }: StoreSuite<TicketStore>): void {
  it('ST-06 find, consume: expire at `expiresAt` and forget the use at `rememberUntil`, by the `now` passed in', async () => {
    for (const era of [present, ...eras]) {
      const ticket = ticketRecord({}, era)
      const [end, forgotten] = [ticket.expiresAt, ticket.rememberUntil]
      await store.insert(ticket)
      expectEqual(await store.find(ticket.digest, ticket.purpose, end), null, 'find finds no ticket at its end')
      expectEqual(await store.consume(useOf(ticket, end)), { outcome: 'absent' }, 'a ticket cannot be used at its end')
      expectEqual(await store.find(ticket.digest, ticket.purpose, afterMs(end, -1)), ticket, 'it can be found before')
      expectEqual((await store.consume(useOf(ticket, afterMs(end, -1)))).outcome, 'consumed', 'it can be used before')
      expectEqual((await store.consume(useOf(ticket, end))).outcome, 'replayed', 'the use is remembered past the end')
      expectEqual((await store.consume(useOf(ticket, afterMs(forgotten, -1)))).outcome, 'replayed', 'the use is remembered')
      expectEqual(await store.consume(useOf(ticket, forgotten)), { outcome: 'absent' }, 'the use is forgotten in the end')
    }
  })
}

function itHasOneWinner({ itRaces, store, race, together, concurrency }: StoreSuite<TicketStore>): void {
  itRaces('ST-02 insert: of racers with one digest exactly one gets true', async () => {
    const digest = uniqueDigest()
    const tickets = range(concurrency).map(() => ticketRecord({ digest }))
    const answers = await race((racing, index) => racing.insert(tickets[index] ?? ticketRecord()))
    expectEqual(countOf(answers, true), 1, 'exactly one insert of a digest answers true')
    const winner = tickets[answers.indexOf(true)]
    expectEqual(
      await store.find(digest, 'reset-password', present),
      winner,
      'the ticket is the one whose insert answered true',
    )
  })

  itRaces('ST-02 consume: of N racers exactly one gets consumed, the others learn that it was used', async () => {
    const ticket = ticketRecord()
    await store.insert(ticket)
    const outcomes = (await race((racing) => racing.consume(useOf(ticket)))).map(({ outcome }) => outcome)
    expectEqual(countOf(outcomes, 'consumed'), 1, 'exactly one racer consumes a ticket')
    expectEqual(countOf(outcomes, 'replayed'), concurrency - 1, 'every other racer learns that it was used')
  })

  itRaces('consume: racers with a wrong binding take nothing from the right one', async () => {
    const ticket = ticketRecord()
    await store.insert(ticket)
    const wrong = (): Promise<unknown> => store.consume({ ...useOf(ticket), binding: uniqueDigest() })
    const [, , right] = await together(wrong, wrong, () => store.consume(useOf(ticket)), wrong)
    expectEqual(right, { outcome: 'consumed', ticket }, 'the rightful holder gets it, whoever else tries')
  })
}

function itWithdraws({ it, itRaces, store, together }: StoreSuite<TicketStore>): void {
  it('revokeAll: withdraws the user’s unused tickets of a purpose, and answers how many', async () => {
    const userId = uniqueUuid()
    const due = [ticketRecord({ userId }), ticketRecord({ userId })]
    const used = ticketRecord({ userId })
    const kept = [ticketRecord({ userId, purpose: 'verify-email' }), ticketRecord({ userId: null }), ticketRecord()]
    for (const ticket of [...due, used, ...kept]) await store.insert(ticket)
    await store.consume(useOf(used))
    expectEqual(await store.revokeAll('reset-password', userId), 2, 'revokeAll answers how many it withdrew')
    expectEqual(await store.revokeAll('reset-password', userId), 0, 'a second call withdraws nothing')
    for (const ticket of due) {
      expectEqual(await store.consume(useOf(ticket)), { outcome: 'absent' }, 'a withdrawn ticket cannot be used')
      expectEqual(await store.find(ticket.digest, ticket.purpose, present), null, 'a withdrawn ticket is not found')
    }
    expectEqual((await store.consume(useOf(used))).outcome, 'replayed', 'a used ticket stays remembered')
    for (const ticket of kept)
      expectEqual((await store.consume(useOf(ticket))).outcome, 'consumed', 'other tickets are left alone')
  })

  itRaces('revokeAll, consume: a ticket is either used or withdrawn, never both', async () => {
    const ticket = ticketRecord()
    await store.insert(ticket)
    const [first, withdrawn] = await together(
      () => store.consume(useOf(ticket)),
      () => store.revokeAll(ticket.purpose, ticket.userId ?? ''),
    )
    const used = Number(first.outcome === 'consumed')
    expectEqual(used + withdrawn, 1, 'a ticket is used once or withdrawn once')
    const { outcome } = await store.consume(useOf(ticket))
    expectEqual(outcome, used ? 'replayed' : 'absent', 'once revokeAll resolved, nothing can be consumed any more')
  })
}
