import { decodeUtf8 } from '../shared/bytes.js'

/** An object as JSON gives it. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Reads a JSON object in UTF-8, or answers `null`: for anything else, and where a member is named twice (RFC 7519, section 4). */
export function parseJsonObject(bytes: Uint8Array): JsonObject | null {
  const value = parseObjectOrArray(bytes)
  return value === null || Array.isArray(value) ? null : (value as JsonObject) // An object that is no array.
}

/** Reads a JSON object or array in UTF-8, or answers `null`: also where a member is named twice, or `__proto__`. */
export function parseUnambiguousJson(bytes: Uint8Array): object | null {
  const value = parseObjectOrArray(bytes)
  return value === null || hasMember(value, '__proto__') ? null : value
}

/** What it holds is as its sender wrote it: no member of the same name was lost. */
function parseObjectOrArray(bytes: Uint8Array): object | null {
  const text = decodeUtf8(bytes)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    return countMembers(value) === countColons(text) ? value : null
  } catch {
    return null
  }
}

function hasMember(root: object, name: string): boolean {
  const open: object[] = [root]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Object.hasOwn(value, name)) return true
    for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) open.push(child)
  }
  return false
}

/** In valid JSON each member has one colon outside of strings, also those that a later one of the same name replaced. */
function countColons(json: string): number {
  let colons = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const char = json[i]
    if (char === '"') inString = !inString
    else if (inString && char === '\\') i++
    else if (!inString && char === ':') colons++
  }
  return colons
}

/** Counts without recursion: the depth is the sender's choice. */
function countMembers(root: object): number {
  let members = 0
  const open: object[] = [root]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const children: unknown[] = Object.values(value)
    if (!Array.isArray(value)) members += children.length
    for (const child of children) if (typeof child === 'object' && child !== null) open.push(child)
  }
  return members
}
