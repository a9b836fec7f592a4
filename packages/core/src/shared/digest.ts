import { type Bytes, base64url, framed } from './bytes.js'

declare const digestBrand: unique symbol

/** What is stored of a secret: SHA-256 in base64url. Branded, so that a plain secret cannot be handed to a store. */
export type Digest = string & { readonly [digestBrand]: true }

/** SHA-256 of bytes. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** The digest of a secret and what it is bound to, under a label of its purpose. */
export async function digestOf(label: string, ...parts: readonly (string | number | Uint8Array)[]): Promise<Digest> {
  return base64url(await sha256(framed(label, ...parts))) as Digest
}
