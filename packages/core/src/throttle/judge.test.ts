import { describe, expect, it } from 'vitest'
import { type AttemptSlot, addressPolicy } from './index.js'
import { judge, slotPrefix } from './judge.js'

const at = (second: number): Date => new Date(1_800_000_000_000 + second * 1000)
const slots = (count: number, second: number, prefix = '', failed = true): AttemptSlot[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}${second}-${i}`, at: at(second), failed }))

const stranger = { key: 'key', policy: addressPolicy, device: null }
const ofDevice = (device: string) => ({ key: 'key', policy: { ...addressPolicy, locks: null }, device })
const [ours, theirs] = [slotPrefix({ device: 'ours' }), slotPrefix({ device: 'theirs' })]
const ask = (ledger: typeof stranger | ReturnType<typeof ofDevice>, history: AttemptSlot[], second: number, own?: string) =>
  judge(ledger, history, at(second), own)
const blockedUntil = (second: number): object => ({ outcome: 'blocked', until: at(second) })

describe('judge', () => {
  it('counts for a stranger what strangers and devices did within the window', () => {
    expect(ask(stranger, [...slots(2, 0), ...slots(3, 10, ours)], 10)).toEqual(blockedUntil(60))
    expect(ask(stranger, [...slots(2, 0), ...slots(2, 10, ours)], 10)).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(ask(stranger, [...slots(2, 0), ...slots(3, 10, ours, false)], 10)).toEqual({ outcome: 'busy' })
    expect(ask(stranger, slots(5, 0, theirs), 60)).toEqual({ outcome: 'admitted', remaining: 4 })
  })

  it('locks strangers for what strangers did alone, so that no lock ends when slots of devices are forgotten', () => {
    const filled = [0, 60, 120].flatMap((second) => [...slots(2, second), ...slots(3, second, ours)])
    expect(ask(stranger, filled, 120)).toEqual(blockedUntil(180))
    const locked = [0, 60, 120].flatMap((second) => slots(5, second))
    expect(ask(stranger, [...locked, ...slots(5, 120, ours)], 120)).toEqual(blockedUntil(120 + 900))
  })

  it('counts for a device what strangers did and what it did itself, within the window', () => {
    const locked = [0, 60, 120].flatMap((second) => slots(5, second))
    expect(ask(ofDevice('ours'), locked, 120)).toEqual(blockedUntil(180))
    expect(ask(ofDevice('ours'), locked, 180)).toEqual({ outcome: 'admitted', remaining: 4 })
    expect(ask(ofDevice('ours'), [...slots(2, 0), ...slots(3, 0, ours)], 0)).toEqual(blockedUntil(60))
    expect(ask(ofDevice('ours'), [...slots(4, 0), ...slots(50, 0, theirs)], 0)).toEqual({
      outcome: 'admitted',
      remaining: 0,
    })
  })

  it('BF-02 counts for a slot what came before it and nothing that came after', () => {
    const history = [...slots(3, 0), ...slots(1, 0, ours, false), ...slots(1, 1, '', false), ...slots(4, 2)]
    expect(ask(stranger, history, 2, '1-0')).toEqual({ outcome: 'admitted', remaining: 0 })
    expect(ask(ofDevice('ours'), history, 2, `${ours}0-0`)).toEqual({ outcome: 'admitted', remaining: 1 })
  })
})
