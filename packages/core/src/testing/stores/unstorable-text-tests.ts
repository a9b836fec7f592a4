import { expectEqual } from './expectations.js'
import { unstorableTexts } from './hostile-texts.js'
import { uniqueText } from './samples.js'
import type { StoreSuite } from './store-suite.js'

/** One record to write a text into. */
export interface WrittenText {
  write(): Promise<unknown>
  /** What is there under the record's id. */
  read(): Promise<unknown>
  /** What `read` answers where the text was taken, and where nothing was written. */
  readonly expected: { readonly kept: unknown; readonly refused: unknown }
}

/** Declares the test of texts that a database may not be able to hold. The core writes none; whoever else writes may. */
export function itKeepsOrRefuses({ it }: Pick<StoreSuite<object>, 'it'>, record: (text: string) => WrittenText): void {
  it('ST-01 keeps a text with NUL or lone surrogates as it is, or refuses it and writes nothing', async () => {
    for (const text of unstorableTexts) {
      const { write, read, expected } = record(text)
      const outcome = await write().then(
        () => 'kept' as const,
        () => 'refused' as const,
      )
      expectEqual(await told(read()), expected[outcome], `${JSON.stringify(text)} is ${outcome}, and nothing else`)
    }
  })
}

/** Declares the test of looking such a text up: it may stand in a URL, and nothing is there under it. */
export function itLooksUpAnyText(
  { it }: Pick<StoreSuite<object>, 'it'>,
  lookUp: (text: string) => readonly (readonly [call: string, answer: Promise<unknown>, expected: unknown])[],
): void {
  it('ST-01 answers for a name with NUL or lone surrogates that nothing is there, and does not fail', async () => {
    for (const text of unstorableTexts.flatMap((each) => [each, `${each}${uniqueText('')}`])) {
      const asked = lookUp(text).map(([call, answer, expected]) => ({ call, answer: told(answer), expected }))
      for (const { call, answer, expected } of asked) {
        expectEqual(await answer, expected, `${call}(${JSON.stringify(text)}) answers as for any unknown name`)
      }
    }
  })
}

function told(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error: unknown) => `failed: ${String(error)}`)
}
