import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Digest } from '../shared/digest.js'
import { decideRotation } from './decide-rotation.js'
import type { Rotation, SessionRecord } from './session-store.js'

const digest = (name: string): Digest => name as Digest
const at = (seconds: number): Date => new Date(1_700_000_000_000 + seconds * 1000)

const session: SessionRecord = {
  id: 'session',
  userId: 'user',
  clientId: null,
  scope: null,
  resource: null,
  carrier: 'refresh',
  epoch: 3,
  generation: 5,
  currentDigest: digest('g5'),
  previousDigest: digest('g4'),
  sealedSuccessor: 'sealed',
  rotatedAt: at(0),
  createdAt: at(-100),
  authenticatedAt: at(-100),
  lastSeenAt: at(0),
  idleExpiresAt: at(1000),
  expiresAt: at(2000),
  revokedAt: null,
  revokedReason: null,
  ip: null,
  userAgent: null,
}

const rotation: Rotation = {
  id: 'session',
  carrier: 'refresh',
  clientId: null,
  generation: 5,
  digest: digest('g5'),
  successor: { digest: digest('g6'), sealed: 'sealed-6' },
  userEpoch: 3,
  now: at(5),
  retryWindowMs: 10_000,
  idleExpiresAt: at(3000),
}

const outcomeOf = (row: Partial<SessionRecord> | null, asked: Partial<Rotation> = {}): string =>
  decideRotation(row && { ...session, ...row }, { ...rotation, ...asked }).outcome.outcome

describe('decideRotation', () => {
  it('rotates the current secret, and never past the absolute end', () => {
    const { outcome, write } = decideRotation(session, rotation)
    expect(outcome.outcome).toBe('rotated')
    expect(write).toMatchObject({
      generation: 6,
      currentDigest: 'g6',
      previousDigest: 'g5',
      sealedSuccessor: 'sealed-6',
      rotatedAt: at(5),
      idleExpiresAt: at(2000),
      expiresAt: at(2000),
      authenticatedAt: at(-100),
    })
  })

  it('decides in the documented order', () => {
    const dead = { revokedAt: at(1), epoch: 2, idleExpiresAt: at(1) } as const
    expect(outcomeOf(null)).toBe('absent')
    expect(outcomeOf({ ...dead, carrier: 'cookie' })).toBe('invalid')
    expect(outcomeOf({ ...dead, clientId: 'client' })).toBe('invalid')
    expect(outcomeOf(dead)).toBe('revoked')
    expect(outcomeOf({ epoch: 2, idleExpiresAt: at(1) })).toBe('revoked')
    expect(outcomeOf({ idleExpiresAt: at(1) }, { generation: 1 })).toBe('expired')
    expect(outcomeOf({ expiresAt: at(5) }, { generation: 1 })).toBe('expired')
    expect(outcomeOf({})).toBe('rotated')
    expect(outcomeOf({}, { generation: 4, digest: digest('g4') })).toBe('retried')
    expect(outcomeOf({}, { generation: 1, digest: digest('g1') })).toBe('reused')
    expect(outcomeOf({}, { generation: 9, digest: digest('g9') })).toBe('rolled_back')
    expect(outcomeOf({}, { digest: digest('another g5') })).toBe('rolled_back')
  })

  it('RT-04 retries within the window only, and only the generation before', () => {
    const previous = { generation: 4, digest: digest('g4') }
    expect(outcomeOf({}, { ...previous, now: at(9.999) })).toBe('retried')
    expect(outcomeOf({}, { ...previous, now: at(10) })).toBe('reused')
    expect(outcomeOf({}, { ...previous, retryWindowMs: 0, now: at(0) })).toBe('reused')
    expect(outcomeOf({ sealedSuccessor: null }, previous)).toBe('reused')
    expect(outcomeOf({}, { generation: 3, digest: digest('g4') })).toBe('reused')
    expect(outcomeOf({}, { generation: 4, digest: digest('forged') })).toBe('reused')
  })

  it('RT-09 ends at the idle and at the absolute end, to the millisecond', () => {
    expect(outcomeOf({}, { now: new Date(at(1000).getTime() - 1) })).toBe('rotated')
    expect(outcomeOf({}, { now: at(1000) })).toBe('expired')
    expect(outcomeOf({ idleExpiresAt: at(9999) }, { now: at(2000) })).toBe('expired')
  })

  it('ends a session at a reuse and at a rollback, once, and forgets the sealed successor', () => {
    for (const [generation, reason] of [
      [1, 'reuse'],
      [9, 'rollback'],
    ] as const) {
      const { write } = decideRotation(session, { ...rotation, generation })
      expect(write).toMatchObject({ revokedAt: rotation.now, revokedReason: reason, sealedSuccessor: null })
      expect(decideRotation(write, { ...rotation, generation }).outcome.outcome).toBe('revoked')
    }
  })

  it('RT-02 lets a secret be current once, whatever is presented in whatever order', () => {
    const steps = fc.array(fc.record({ generation: fc.nat(6), wait: fc.nat(8) }), { maxLength: 30 })
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 5000), (asked, retryWindowMs) => {
        let row: SessionRecord = {
          ...session,
          generation: 0,
          currentDigest: digest('g0'),
          previousDigest: null,
          sealedSuccessor: null,
        }
        const rotated = new Set<number>()
        let now = 0
        for (const { generation, wait } of asked) {
          now += wait
          const { outcome, write } = decideRotation(row, {
            ...rotation,
            generation,
            digest: digest(`g${generation}`),
            successor: { digest: digest(`g${generation + 1}`), sealed: 'sealed' },
            now: at(now),
            retryWindowMs,
          })
          if (outcome.outcome === 'rotated') {
            expect(rotated.has(generation)).toBe(false)
            rotated.add(generation)
          }
          if (row.revokedAt) expect(outcome.outcome).toBe('revoked')
          row = write ?? row
        }
      }),
    )
  })
})
