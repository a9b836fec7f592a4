/**
 * Texts on which stores have stumbled: each is well-formed Unicode without NUL, as the core lets through, and comes
 * back from a store unchanged wherever the interface says no more than `string`.
 */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  ' before and after ',
  'trailing \t\r\n',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '0',
  '-1',
  '1e3',
  'true',
  "'",
  "''; DROP TABLE users; --",
  '"',
  '\\',
  "\\'",
  '`',
  ';',
  '--',
  '/* */',
  '%',
  '_',
  '%%_',
  '*',
  '?',
  '[a-z]*',
  '{tag}',
  '{}',
  '{"a",NULL}',
  '[1,null]',
  '$1',
  ':name',
  '@name',
  '\\u0000',
  '\\x00',
  "]]\nreturn redis.call('FLUSHALL') --[[",
  '{{7*7}}',
  '../../etc/passwd',
  '\u0001\u001f\u007f',
  '\u00e9',
  'e\u0301',
  '\u0130\u0131\ufb03\u00df',
  '\u200b\u00a0\ufeff\u2028',
  '\u202egnirts',
  '\ufffd\uffff',
  '👩‍👩‍👧‍👦 \u{1f600}\u{10ffff}',
  longText(),
]

/** The same, none longer than the core lets a name, an address or an identifier be. */
export const shortHostileTexts: readonly string[] = hostileTexts.map((text) => text.slice(0, 200))

/** What a JavaScript string may hold and a database's text often may not: NUL, and half of a surrogate pair. */
export const unstorableTexts: readonly string[] = [
  '\0',
  'a\0',
  '\0b',
  'a\0b',
  '\ud800',
  'a\udfff',
  '\ud83d b',
  '\udc00\ud800',
]

/** 10 KB that no compression makes short enough for an index. */
export function longText(): string {
  let text = ''
  for (let state = 1; text.length < 10_240; state = (Math.imul(state, 48_271) >>> 0) % 0x7fffffff) text += state.toString(36)
  return text.slice(0, 10_240)
}

/** Texts that a careless comparison takes for `text`: other case, other spaces, a pattern, a part of it, another normal form. */
export function lookalikesOf(text: string): readonly string[] {
  const half = Math.ceil(text.length / 2)
  const all = [
    text.toUpperCase(),
    text.toLowerCase(),
    text.normalize('NFC'),
    text.normalize('NFD'),
    text.normalize('NFKC'),
    `${text} `,
    ` ${text}`,
    `${text}\t`,
    `${text}\u200b`,
    `${text}\u00a0`,
    `${text}0`,
    `${text}:`,
    `${text}%`,
    `${text}*`,
    text.slice(0, -1),
    text.slice(1),
    text.slice(0, half),
    `${text.slice(0, half)}%`,
    `${text.slice(0, half)}*`,
    `${text.slice(0, -1)}_`,
    `${text.slice(0, -1)}?`,
    `${text}' OR '1'='1`,
    text + longText(),
    '%',
    '*',
    '',
  ]
  return [...new Set(all)].filter((other) => other !== text)
}
