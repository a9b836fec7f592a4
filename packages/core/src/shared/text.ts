const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const replacement = '\ufffd'

/**
 * Makes a text from outside safe to write into a line of a log: at most `maxLength` UTF-16 units long, a cut shown by
 * `…`, and every control or format character, line separator and lone surrogate replaced by U+FFFD. Replaced and not
 * removed, so that nothing turns into a name that it was not.
 */
export function printable(text: string, maxLength: number): string {
  // Cut first: the work stays bounded whatever came in.
  const isCut = text.length > maxLength
  const kept = isCut ? text.slice(0, maxLength - 1) : text
  return kept.replace(unprintable, replacement) + (isCut ? '…' : '')
}
