import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { randomId } from '../shared/random.js'
import type { AttemptStore } from '../throttle/index.js'
import type { MailKind } from './mailer.js'

/** Keeps anybody from being flooded with mail. */
export interface MailBudget {
  /** Whether one more mail of a kind may go to whoever `of` is; counts it if so. @throws StoreError */
  spend(kind: MailKind, of: string): Promise<boolean>
  /** Whether one more mail may go out on the wish of whoever is at an address; counts it if so. @throws StoreError */
  spendOfAddress(address: string): Promise<boolean>
}

/** How many mails of a kind may go to one recipient within an hour. */
const mailsAnHour = 5
/** How many mails may go out within an hour on the wish of strangers at one address, whoever they go to. */
const wishesAnHour = 100
const windowSeconds = 3600

/** Makes the budget. It is kept in the ledger of attempts: of racing processes none gets more than is left. */
export function createMailBudget(store: Pick<AttemptStore, 'find' | 'take' | 'giveBack'>, clock: Clock): MailBudget {
  async function spend(key: string, most: number): Promise<boolean> {
    const now = clock.now()
    // Asked first, so that whoever goes on asking does not make the ledger longer.
    if ((await store.find(key, now)).length >= most) return false
    const slot = randomId()
    const ledger = await store.take({ key, slot, now, expiresAt: later(now, windowSeconds) })
    if (ledger.length <= most) return true
    await store.giveBack(key, slot)
    return false
  }

  return {
    spend: async (kind, of) => spend(await digestOf('mail-budget', kind, of), mailsAnHour),
    spendOfAddress: async (address) => spend(await digestOf('mail-wishes', address), wishesAnHour),
  }
}
