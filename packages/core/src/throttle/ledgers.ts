import { digestOf } from '../shared/digest.js'
import { addressKeys } from './address-key.js'
import {
  type AttemptPolicy,
  devicePolicy,
  networkPolicy,
  type RunPolicy,
  secretAddressPolicy,
  type WindowPolicy,
} from './attempt-policy.js'

/** What secrets there are to be guessed. */
export type AttemptKind = 'password' | 'api-key' | 'ticket' | 'client-secret' | 'sign-in'

/** One ledger that an attempt stands on. */
export interface Ledger {
  /** A digest of what is limited. */
  readonly key: string
  /** By what this attempt is judged. */
  readonly policy: AttemptPolicy
  /** The known device that enters it, which is not held back there by what other known devices do; `null` for a stranger. */
  readonly device: string | null
}

/** What is limited, beside the address. */
export interface LimitedBy {
  readonly kind: AttemptKind
  /** The client's address, already judged by the rules of trusted proxies. */
  readonly ip: string | undefined
  /** The account that a password is tried on, known or not: its canonical address. */
  readonly account?: string | undefined
}

/** The policies that can be configured. */
export interface ThrottlePolicies {
  readonly address: WindowPolicy
  readonly account: RunPolicy
}

/** Which ledgers an attempt stands on, in the one order in which they are entered. */
export interface Ledgers {
  /** Of somebody who may be anybody: their address, the network around it, the account. */
  ofStranger(attempt: LimitedBy): Promise<readonly Ledger[]>
  /**
   * Of a device that the account has signed in on: its address, but for the locks that others have brought on it and for what
   * other known devices do there, and then what it failed at itself. Nothing that strangers do to the account reaches it, nor
   * what somebody with an account of their own does, who has a fresh mark whenever they like.
   */
  ofDevice(attempt: LimitedBy, device: string): Promise<readonly [Ledger, Ledger]>
  /** The account's. */
  ofAccount(account: string): Promise<Ledger>
}

/** Makes it. */
export function createLedgers({ address: passwordAddress, account: accountPolicy }: ThrottlePolicies): Ledgers {
  function addressPolicyOf(kind: AttemptKind): WindowPolicy {
    return kind === 'password' ? passwordAddress : secretAddressPolicy(kind)
  }

  async function ledger(kind: AttemptKind, what: string, name: string, policy: AttemptPolicy): Promise<Ledger> {
    return { key: await digestOf('attempt-ledger', kind, what, name), policy, device: null }
  }

  async function ofAddress({ kind, ip }: LimitedBy): Promise<readonly [Ledger, ...Ledger[]]> {
    const { address, network } = addressKeys(ip)
    const policy = addressPolicyOf(kind)
    const own = await ledger(kind, 'address', address, policy)
    return network === null ? [own] : [own, await ledger(kind, 'network', network, networkPolicy(policy))]
  }

  const ofAccount = (account: string): Promise<Ledger> => ledger('password', 'account', account, accountPolicy)

  return {
    ofAccount,
    async ofStranger(attempt) {
      const ofPlace = await ofAddress(attempt)
      return attempt.account === undefined ? ofPlace : [...ofPlace, await ofAccount(attempt.account)]
    },
    async ofDevice(attempt, device) {
      const [address] = await ofAddress(attempt)
      const withoutLocks = { ...addressPolicyOf(attempt.kind), locks: null }
      const own = await ledger(attempt.kind, 'device', `${device} ${attempt.account}`, devicePolicy)
      return [{ ...address, policy: withoutLocks, device: own.key }, own]
    },
  }
}
