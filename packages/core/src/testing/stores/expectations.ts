/** Fails the test unless `holds`. `promise` is the sentence that is broken otherwise. */
export function expectThat(holds: boolean, promise: string): asserts holds {
  if (!holds) throw brokenPromise(promise)
}

/** Fails the test unless both are equal: by value, dates to the millisecond, absent the same as `undefined` but not as `null`. */
export function expectEqual(actual: unknown, expected: unknown, promise: string): void {
  const found = difference(actual, expected, '')
  if (found) throw brokenPromise(promise, found)
}

function brokenPromise(promise: string, how?: string): Error {
  return new Error(how === undefined ? `broken promise: ${promise}` : `broken promise: ${promise}; ${how}`)
}

function difference(actual: unknown, expected: unknown, path: string): string | null {
  const told = `${path === '' ? '' : `${path} `}expected ${show(expected)}, got ${show(actual)}`
  if (isDate(actual) && isDate(expected)) return actual.getTime() === expected.getTime() ? null : told
  if (isDate(actual) || isDate(expected)) return told
  if (Array.isArray(actual) !== Array.isArray(expected)) return told
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length !== expected.length) return told
  if (!isObject(actual) || !isObject(expected)) return Object.is(actual, expected) ? null : told
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = difference(own(actual, key), own(expected, key), `${path}.${key}`)
    if (found) return found
  }
  return null
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Whether a value is a date, also of another realm: some test runners give each file one. */
export function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]'
}

const longestShown = 200

function show(value: unknown): string {
  if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString()
  const text = JSON.stringify(value) ?? String(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text
}
