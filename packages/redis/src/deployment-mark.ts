import type { DeploymentMark } from '@auth/core'
import { decodeText, encodeText } from './fields.js'
import type { Keys } from './keys.js'
import { defineScript, type Scripts, toText } from './scripts.js'

const claimName = defineScript(`
  redis.call('HSETNX', KEYS[1], ARGV[3], ARGV[4])
  return redis.call('HGET', KEYS[1], ARGV[3])`)

/** The mark of what is under the prefix. The one thing here that never expires. */
export function createDeploymentMark(scripts: Scripts, keys: Keys): DeploymentMark {
  return {
    async claim(name, value) {
      const { reply } = await scripts.run(
        claimName,
        [keys.single('deployment', 'mark')],
        [encodeText(name), encodeText(value)],
      )
      return decodeText(toText(reply))
    },
  }
}
