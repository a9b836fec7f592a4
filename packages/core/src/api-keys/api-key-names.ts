import { digestApiKey, importedKeyId, parseApiKey } from './api-key-format.js'
import type { ApiKeySettings, ImportedKeyFormat } from './api-key-settings.js'

/** Tells keys of this deployment from anything else, without a store. */
export interface ApiKeyNames {
  /** Whether a text claims to be a key, by how it begins. For `Authorization: Bearer`, where access tokens come too. */
  claims(text: string): boolean
  /** The id under which a key is stored, if there is such a key; `null` for what has no form of a key here. */
  idOf(text: string): Promise<string | null>
}

/** Makes it. */
export function createApiKeyNames({ prefixes, imported }: Pick<ApiKeySettings, 'prefixes' | 'imported'>): ApiKeyNames {
  const beginnings = [...prefixes.map((prefix) => `${prefix}_`), ...imported.map(({ prefix }) => prefix)]
  return {
    claims: (text) => beginnings.some((beginning) => text.startsWith(beginning)),
    async idOf(text) {
      const parts = parseApiKey(text)
      if (parts && prefixes.includes(parts.prefix)) return parts.id
      return imported.some((format) => isOfFormat(text, format)) ? importedKeyId(await digestApiKey(text)) : null
    },
  }
}

function isOfFormat(text: string, { prefix, length }: ImportedKeyFormat): boolean {
  return text.length === length && text.startsWith(prefix) && /^[\x21-\x7e]*$/.test(text)
}
