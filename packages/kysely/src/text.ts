// A database's text is UTF-8 without NUL in Postgres, and without lone surrogates everywhere, while a JavaScript string
// may hold both. They are written as U+001A and four hex digits, so that no two strings become one and none is refused.
const mark = '\u001a'
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const unstorable = /[\0\u001a]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
const escaped = /\u001a([0-9a-f]{4})/g

/** The form in which a string is stored: its own for all but the few strings that no database takes. */
export function encodeText(text: string): string {
  return text.replace(unstorable, (unit) => mark + unit.charCodeAt(0).toString(16).padStart(4, '0'))
}

/** The string that was stored. */
export function decodeText(stored: string): string {
  return stored.includes(mark)
    ? stored.replace(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : stored
}
