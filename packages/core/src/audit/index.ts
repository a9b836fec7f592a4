export type {
  AuditContext,
  AuditEntry,
  AuditEvent,
  AuditEventBase,
  AuditEventOf,
  AuditEventType,
  AuditOutcome,
  AuditOutcomeOf,
  AuditRecord,
  AuditRecorder,
  AuditSink,
  ChangeEvent,
  RecordedChange,
  RefusableType,
} from './audit-event.js'
export type { AuditEventFields, RefusedFields } from './audit-event-fields.js'
export { type AuditRecorderDeps, createAuditRecorder } from './audit-recorder.js'
export { auditEventTypes, auditProblem, auditRules, isAuditEventType } from './audit-rules.js'
export type { AuditQuery, AuditStore } from './audit-store.js'
export { type Audit, type AuditListQuery, createAudit } from './audit-trail.js'
export { type AuditLogger, loggerSink } from './logger-sink.js'
export { type AuditSubject, callerOf, type RecordRefusal, recordRefusals } from './record-refusal.js'
export {
  type ReceivedWebhook,
  verifyWebhook,
  WebhookError,
  type WebhookMessage,
  type WebhookProblem,
} from './verify-webhook.js'
export type { WebhookSecret } from './webhook-secret.js'
export { type WebhookSink, type WebhookSinkOptions, webhookSink } from './webhook-sink.js'
