import { lazy } from '../shared/lazy.js'

/** Knows passwords that too many people would guess. */
export interface BlockList {
  /** Whether a password, in canonical form, is one of the commonest or little more than the given words. Never used at login. */
  has(password: string, words: readonly string[]): Promise<boolean>
}

/** Shorter words say nothing: they are in half of all passwords. */
const minWordLength = 3

/** What must be left of a password once the words and the punctuation are taken out. */
const minRemainder = 4

const separators = /[\p{P}\p{Z}\p{Sm}\p{Sc}\p{Sk}\p{Cc}]+/u
const allSeparators = new RegExp(separators, 'gu')

/**
 * Makes the block list: about 49,000 common passwords, of which some 18,000 have 8 characters or more, loaded at the first use
 * because login never needs them. Compares without regard to case.
 */
export function createBlockList(): BlockList {
  const common = lazy(async () => {
    const { dictionary } = await import('@zxcvbn-ts/language-common')
    return new Set(dictionary['passwords-common'].map((password) => password.toLowerCase()))
  })
  return {
    async has(password, words) {
      return isMadeOf(password, words) || (await common()).has(password.toLowerCase())
    },
  }
}

/**
 * Whether a password is one of the words, a repetition of them, or leaves fewer than four characters beside them:
 * `acme-acme-acme-acme` and `Acme!123` at a service called Acme. Punctuation and spaces are no characters here.
 */
export function isMadeOf(password: string, words: readonly string[]): boolean {
  const whole = password.toLowerCase().replace(allSeparators, '')
  const rest = comparableWords(words).reduce((left, word) => left.replaceAll(word, ''), whole)
  return rest !== whole && [...rest].length < minRemainder
}

/** The words and their parts as they would stand in a password without punctuation, longest first. */
function comparableWords(words: readonly string[]): readonly string[] {
  const parts = words.flatMap((word) => {
    const lower = word.normalize('NFC').toLowerCase()
    return [lower.replace(allSeparators, ''), ...lower.split(separators)]
  })
  return [...new Set(parts)].filter((part) => [...part].length >= minWordLength).sort((a, b) => b.length - a.length)
}
