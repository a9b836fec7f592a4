export { addressKey } from './address-key.js'
export {
  type AttemptPolicy,
  accountPolicy,
  addressPolicy,
  devicePolicy,
  highestAttemptLimit,
  type RunPolicy,
  slotLifeSeconds,
  type WindowPolicy,
} from './attempt-policy.js'
export type { AttemptSlot, AttemptStore, AttemptTake } from './attempt-store.js'
export { type AttemptDecision, decideAttempt } from './decide-attempt.js'
export { createDeviceMarks, type DeviceMarks } from './device-marks.js'
export type { AttemptKind, ThrottlePolicies } from './ledgers.js'
export { createLocalAttempts } from './local-attempts.js'
export { testSecret } from './test-secret.js'
export {
  type Attempt,
  type AttemptSource,
  type CountedFailure,
  createThrottle,
  type Throttle,
  type ThrottleDeps,
} from './throttle.js'
