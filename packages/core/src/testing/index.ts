export {
  type ConformanceRole,
  type ConformanceRoute,
  type ConformanceScope,
  conformanceRoutes,
  forgedPrincipal,
  type HandlerView,
  type HttpAppSettings,
  type StartApp,
  type StartedApp,
} from './http/app-under-test.js'
export { type ConformanceRoles, conformanceAuth } from './http/conformance-auth.js'
export { httpConformance } from './http/http-conformance.js'
export type { HttpConformanceOptions } from './http/http-suite.js'
export type { HeaderLine, RawAnswer, RawRequest } from './http/raw-exchange.js'
export { normalise, type Recorded } from './http/transcript.js'
export { type FakeProvider, type FakeProviderOptions, fakeProvider } from './provider/fake-provider.js'
export {
  answerDefects,
  endpointDefects,
  type ProviderDefect,
  type ProviderEndpoint,
  tokenDefects,
} from './provider/provider-defects.js'
export { ada, type ProviderPerson } from './provider/provider-person.js'
export { apiKeyStoreSuite } from './stores/api-key-store-suite.js'
export { attemptStoreSuite } from './stores/attempt-store-suite.js'
export { auditStoreSuite } from './stores/audit-store-suite.js'
export { clientStoreSuite } from './stores/client-store-suite.js'
export { identityStoreSuite } from './stores/identity-store-suite.js'
export { revocationStoreSuite } from './stores/revocation-store-suite.js'
export { sessionStoreSuite } from './stores/session-store-suite.js'
export { signingKeyStoreSuite } from './stores/signing-key-store-suite.js'
export { type ConformanceOptions, storeConformance } from './stores/store-conformance.js'
export type { OpenedStores, OpenStores, StoreName, SuiteOptions } from './stores/store-suite.js'
export type { AllHooks, PlainHooks, TestApi, TestBlocks } from './stores/test-api.js'
export { ticketStoreSuite } from './stores/ticket-store-suite.js'
export { userStoreSuite } from './stores/user-store-suite.js'
export { type VirtualClock, virtualClock } from './virtual-clock.js'
