import { describe, expect, it } from 'vitest'
import { checkDocs } from './docs.mjs'
import { readExamples } from './lib/examples.mjs'

const page = (name: string, ...lines: string[]): Promise<string[]> => checkDocs(new Map([[name, lines.join('\n')]]))

describe('checkDocs', () => {
  it('accepts a page whose blocks are right', async () => {
    const problems = await page(
      'docs/a.md',
      '```ts',
      'const answer: number = 42',
      '```',
      '<!-- continued, run -->',
      '```ts',
      'if (answer !== 42) process.exit(1)',
      '```',
      '```json',
      '{ "a": 1 }',
      '```',
    )
    expect(problems).toEqual([])
  })

  it('names the line of a block that does not compile', async () => {
    const problems = await page(
      'docs/a.md',
      '# Page',
      '',
      '1. A list',
      '   ```ts',
      '   const a = 1',
      '   const b: string = a',
      '   ```',
    )
    expect(problems).toEqual([expect.stringMatching(/^docs\/a\.md:6 .*not assignable/)])
  })

  it('compiles what has elements in it', async () => {
    expect(await page('docs/a.md', '```tsx', 'export const a = <p title={1}>text</p>', '```')).toEqual([
      expect.stringMatching(/^docs\/a\.md:2 .*not assignable/),
    ])
    expect(await page('docs/a.md', '```tsx', 'export const a = <p title="1">text</p>', '```')).toEqual([])
  })

  it('keeps blocks apart that are not marked as continued', async () => {
    const problems = await page('docs/a.md', '```ts', 'const a = 1', '```', '```ts', 'export const b = a', '```')
    expect(problems).toEqual([expect.stringMatching(/^docs\/a\.md:5 Cannot find name 'a'/)])
  })

  it.each([
    ['a package that is not there', ['```ts', "import { a } from '@auth/unheard-of'", '```'], /:2 Cannot find module/],
    [
      'a run that fails',
      ['<!-- run -->', '```ts', "throw new Error('broken')", '```'],
      /:3 ended with 1:\n[\s\S]*Error: broken/,
    ],
  ])('finds %s', async (_what, lines, problem) => {
    expect(await page('docs/a.md', ...lines)).toEqual([expect.stringMatching(problem)])
  })

  it('lets the blocks of a page import its files, each of which there is once', async () => {
    const file = ['<!-- file: answer.ts -->', '```ts', 'export const answer = 42', '```']
    const use = [
      '<!-- run -->',
      '```ts',
      "import { answer } from './answer.js'",
      'if (answer !== 42) process.exit(1)',
      '```',
    ]
    expect(await page('docs/a.md', ...file, ...use)).toEqual([])
    expect(await page('docs/a.md', ...file, ...file)).toContainEqual(expect.stringMatching(/:7 is a second answer\.ts/))
  })

  it('runs every module of the examples, each by itself', async () => {
    const problems = await page(
      'docs/examples.md',
      '```ts',
      'process.exitCode = 0',
      '```',
      '```ts',
      'process.exitCode = 3',
      '```',
    )
    expect(problems).toEqual([expect.stringMatching(/^docs\/examples\.md:5 ended with 3/)])
  })
})

describe('readExamples', () => {
  it.each([
    ['JSON that does not parse', ['```json', '{ a: 1 }', '```'], /docs\/a\.md:2 is not JSON/],
    [
      'a block that asks to be skipped',
      ['<!-- skip: later -->', '```ts', 'const a = 1', '```'],
      /:3 is marked to be skipped/,
    ],
    ['a language that nothing checks', ['```typescript', 'const a: string = 1', '```'], /:2 is typescript; write ts/],
    ['a start that is missing', ['<!-- continued -->', '```ts', 'const a = 1', '```'], /:3 continues nothing/],
  ])('finds %s', (_what, lines, problem) => {
    expect(readExamples('docs/a.md', lines.join('\n')).problems).toEqual([expect.stringMatching(problem)])
  })
})
