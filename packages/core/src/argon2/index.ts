export { type Argon2idOptions, argon2id } from './argon2id.js'
