import type { DeploymentMark } from '@auth/core'
import type { Keys } from './keys.js'
import type { Scripts } from './scripts.js'

/** What each store works with. */
export interface Database {
  readonly scripts: Scripts
  readonly keys: Keys
  readonly deployment: DeploymentMark
}
