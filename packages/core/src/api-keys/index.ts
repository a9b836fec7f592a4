export type { ApiKeyRecord, ApiKeyRotation, ApiKeyRotationOutcome, ApiKeyStore, ApiKeyUses } from './api-key-store.js'
