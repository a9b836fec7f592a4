export { register } from '@auth/next/instrumentation'
