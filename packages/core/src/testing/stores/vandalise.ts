import { isDate } from './expectations.js'

/**
 * Changes all that can be changed in a record, as careless code might: what a store was given or gave out must not be
 * what it keeps. Frozen parts stay as they are.
 */
export function vandalise(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (isDate(value)) {
    value.setTime(0)
    return
  }
  for (const key of Object.keys(value)) {
    vandalise(Reflect.get(value, key))
    if (typeof Reflect.get(value, key) === 'string') Reflect.set(value, key, 'vandalised')
    if (typeof Reflect.get(value, key) === 'number') Reflect.set(value, key, -1)
    if (Reflect.get(value, key) === null) Reflect.set(value, key, 'vandalised')
  }
  if (Array.isArray(value) && Object.isExtensible(value)) value.push('vandalised')
}
