export type { ApiKey, IssuedApiKey } from './api-key.js'
export { apiKeyPattern, type FoundApiKey, findApiKeys, isApiKey } from './api-key-format.js'
export type { ImportedApiKey } from './api-key-import.js'
export {
  type ApiKeyContext,
  type ApiKeyDeps,
  type ApiKeyService,
  createApiKeyService,
  type NewApiKey,
} from './api-key-service.js'
export {
  type ApiKeyLimit,
  type ApiKeyLimits,
  type ApiKeySettings,
  type ApiKeysConfig,
  apiKeySettings,
  apiKeysProblems,
  type ImportedKeyFormat,
} from './api-key-settings.js'
export type {
  ApiKeyInsertOutcome,
  ApiKeyRecord,
  ApiKeyRotation,
  ApiKeyRotationOutcome,
  ApiKeyStore,
  ApiKeyUses,
} from './api-key-store.js'
export type { ApiKeyWish } from './api-key-wish.js'
export { type ApiKeyRequest, type ApiKeys, createApiKeys, maxKeyLifeSeconds, maxOverlapSeconds } from './api-keys.js'
export type { ApiKeyLeak, LeakAlert } from './leak-reports.js'
