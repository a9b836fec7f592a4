/**
 * Whether a value is an object as a literal makes one, of this realm or another: not an array, a Map, a promise or an
 * instance of a class, whose meaning is not in its own fields.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
