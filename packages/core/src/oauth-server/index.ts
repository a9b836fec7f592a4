export type { ClientRecord, ClientSecret, ClientStore } from './client-store.js'
