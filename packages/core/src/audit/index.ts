export type { AuditEntry, AuditEvent, AuditEventType, AuditRecorder, AuditSink } from './audit-event.js'
export { type AuditRecorderDeps, createAuditRecorder } from './audit-recorder.js'
export type { AuditQuery, AuditStore } from './audit-store.js'
export { type AuditLogger, loggerSink } from './logger-sink.js'
