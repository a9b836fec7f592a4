import { type Bytes, base64url, concat, framed, fromBase64url } from '../shared/bytes.js'
import { randomBytes } from '../shared/random.js'
import type { Secrets } from '../shared/secrets.js'

/** Marks of devices that a user has signed in on. A mark is no credential: it only says that its bearer is no stranger. */
export interface DeviceMarks {
  /**
   * Makes a mark for this user, good until his `sessionEpoch` is raised. Marks for one session are one device, however often
   * they are issued; without a session each mark is a device of its own.
   */
  issue(userId: string, sessionEpoch: number, sessionId?: string): Promise<string>
  /**
   * What tells the marked device from others, where the mark was issued to this user at this epoch; else `null`. Takes any string.
   * @throws StoreError where the secret cannot be loaded.
   */
  identify(mark: string, userId: string, sessionEpoch: number): Promise<string | null>
}

// key id 4 ‖ nonce 16 ‖ tag 32
const nonceAt = 4
const tagAt = 20
const markBytes = 52
const markLength = Math.ceil((markBytes * 4) / 3)

/** Makes and checks device marks: base64url of fixed length, tagged with HMAC-SHA256 over user, nonce and epoch. */
export function createDeviceMarks(secrets: Secrets): DeviceMarks {
  const message = (userId: string, nonce: Bytes, sessionEpoch: number): Bytes =>
    framed('device', userId, nonce, sessionEpoch)
  return {
    async issue(userId, sessionEpoch, sessionId) {
      const nonce = sessionId === undefined ? randomBytes(tagAt - nonceAt) : await nonceOf(sessionId)
      const { keyId, tag } = await secrets.tag('device-mark', message(userId, nonce, sessionEpoch))
      return base64url(concat(keyId, nonce, tag))
    },
    async identify(mark, userId, sessionEpoch) {
      const bytes = mark.length === markLength ? fromBase64url(mark) : null
      if (!bytes) return null
      const nonce = bytes.slice(nonceAt, tagAt)
      const keyed = { keyId: bytes.slice(0, nonceAt), tag: bytes.slice(tagAt) }
      const isGenuine = await secrets.verifyTag('device-mark', message(userId, nonce, sessionEpoch), keyed)
      return isGenuine ? base64url(nonce) : null
    },
  }
}

/** The same for all marks of a session, so that whoever refreshes it gets no new budget. */
async function nonceOf(sessionId: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', framed('device-of-session', sessionId))).slice(
    0,
    tagAt - nonceAt,
  )
}
