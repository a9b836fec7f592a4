import { describe, expect, it } from 'vitest'
import { readTestNames } from './lib/test-names.mjs'
import { readIds, readPromises, readRepository, renderSurvey, survey } from './promises.mjs'

const page = [
  '# Promises',
  '| id | promise | standard |',
  '|---|---|---|',
  '| AA-01 | One holds. | RFC 1 |',
  '| AA-02 | Either \\| or holds. | RFC 2 |',
  '| BB-01 | Another holds. | RFC 3 |',
  'AA-03 in running text is no promise.',
].join('\n')

const check = (...lines: string[]) => survey(readPromises(page), new Map([['a.test.ts', lines.join('\n')]]))

describe('survey', () => {
  it('tells ids with tests, and how many, from ids without', () => {
    const { tested, untested, problems } = check(
      "it('AA-01 holds', () => {})",
      "test('AA-01 BB-01: holds in another way', () => {})",
    )
    expect({ tested, untested, problems }).toEqual({
      tested: [
        { id: 'AA-01', tests: 2 },
        { id: 'BB-01', tests: 1 },
      ],
      untested: ['AA-02'],
      problems: [],
    })
  })

  it.each([
    ['an id that the page does not have', "\nit('AA-09 holds', () => {})", /a\.test\.ts:2 names AA-09, which/],
    ['one of a group that it does not have', "it('CC-01 holds', () => {})", /names CC-01/],
    ['one that is spelt otherwise', "it('AA-1 holds', () => {})", /names AA-1,/],
    ['one over a group of tests', "describe('AA-09', () => {})", /names AA-09/],
    ['one over a test that is skipped', "it.skip('AA-09 holds', () => {})", /names AA-09/],
    ['a range', "it('AA-01…AA-02 hold', () => {})", /range/],
    ['a short range', "it('AA-01-02 hold', () => {})", /range/],
  ])('refuses %s', (_what, text, problem) => {
    expect(check(text).problems).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    ['an id twice', [...readPromises(page), ...readPromises('| AA-01 | Again. | RFC 4 |')], /has AA-01 twice/],
    ['a row with a cell too few', readPromises('| AA-01 | No standard. |'), /row of AA-01/],
    ['a row with a cell too many', readPromises('| AA-01 | Either | or. | RFC 1 |'), /row of AA-01/],
    ['no promise', readPromises('# Nothing'), /holds no promise/],
  ])('refuses a page with %s', (_what, promises, problem) => {
    expect(survey(promises, new Map()).problems).toEqual([expect.stringMatching(problem)])
  })

  it('finds nothing wrong in this repository', () => {
    const { promises, files } = readRepository()
    expect(promises).toHaveLength(165)
    expect(files.size).toBeGreaterThan(20)
    expect(survey(promises, files).problems).toEqual([])
  })
})

describe('readTestNames', () => {
  it.each([
    ['a table', "it.each([[')(']])('AA-01 %s', () => {})"],
    ['a tagged table', `it.each\`a\n\${1}\`('AA-01 $a', () => {})`],
    ['a template', `it(\`AA-01 takes \${value}\`, () => {})`],
    ['a modifier', "it.concurrent('AA-01 holds', () => {})"],
    ['a kit', "api.it('AA-01 holds', () => {})"],
    ['a group', "describe('AA-01', () => { it('holds', () => {}) })"],
    ['a group around groups', "describe.each([1])('AA-01 %i', () => { describe('all', () => { it('holds', () => {}) }) })"],
  ])('counts a test named in %s', (_where, text) => {
    expect(check(text).tested).toEqual([{ id: 'AA-01', tests: 1 }])
  })

  it.each([
    ['a comment', "// it('AA-01 holds', () => {})"],
    ['a string', `const text = "it('AA-01 holds', () => {})"`],
    ['a group without a test', "describe('AA-01', () => {})"],
    ['a skipped test', "it.skip('AA-01 holds', () => {})"],
    ['a test in a skipped group', "describe.skip('AA-01', () => { it('AA-01 holds', () => {}) })"],
    ['a test to be written', "it.todo('AA-01 holds')"],
    ['another method', "/AA/.test('AA-01 holds')"],
  ])('counts nothing in %s', (_where, text) => {
    expect(check(text)).toMatchObject({ tested: [], problems: [] })
  })

  it('tells the line of a name, not of its call', () => {
    const text = "it.each([\n  1,\n])(\n  'holds %i',\n  () => {},\n)"
    expect(readTestNames('a.test.ts', text)).toEqual([{ name: 'holds %i', line: 4, tests: 1 }])
  })
})

it('readIds leaves out what is no id', () => {
  const groups = new Set(['AA'])
  expect(readIds('AA-01 A-22 F-05 RFC-23 UTF-16 RS-256 IP-6 AA-02x', groups)).toEqual(['AA-01'])
  expect(readIds('AA-01, AA-02 (AA-01)', groups)).toEqual(['AA-01', 'AA-02'])
})

it('renderSurvey sorts what has no test by group', () => {
  expect(renderSurvey(check("it('AA-01 holds', () => {})"))).toBe(
    '1 of 3 promises have tests:\n  AA-01 1\n2 have none:\n  AA-02\n  BB-01',
  )
})
