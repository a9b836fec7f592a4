import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { countsLine, countTests, failures, sum } from './counts.mjs'
import { root } from './paths.mjs'

const file = (status: string, ...tests: string[]) => ({
  name: join(root, 'apps', 'a.test.ts'),
  status,
  message: 'Cannot find module\nat somewhere',
  assertionResults: tests.map((status) => ({
    status,
    fullName: `it ${status}`,
    failureMessages: status === 'failed' ? ['AssertionError: expected 1 to be 2\n    at a.test.ts:1:1'] : [],
  })),
})

describe('countTests', () => {
  it('sums over all files', () => {
    const report = {
      testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'skipped', 'todo')],
    }
    expect(countTests(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 })
  })

  it('counts a file that could not be loaded as a failure', () => {
    expect(countTests({ testResults: [file('passed', 'passed'), file('failed')] }, 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    })
  })

  it('counts a run that failed beside its tests as a failure', () => {
    expect(countTests({ testResults: [file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })

  it.each([
    ['wrote no report', null, 1],
    ['found no test', { testResults: [] }, 0],
  ])('counts a run that %s as a failure', (_what, report, exitCode) => {
    expect(countTests(report, exitCode)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

describe('failures', () => {
  it('names each test that failed, and each file that could not be loaded, with the first line of why', () => {
    const testResults = [file('passed', 'passed'), file('failed', 'passed', 'failed'), file('failed')]
    expect(failures({ testResults })).toEqual([
      'apps/a.test.ts: it failed: AssertionError: expected 1 to be 2',
      'apps/a.test.ts: Cannot find module',
    ])
    expect(failures(null)).toEqual([])
  })
})

describe('countsLine', () => {
  it('states the sum', () => {
    expect(
      countsLine(
        sum([
          { passed: 1, failed: 2, skipped: 3 },
          { passed: 10, failed: 0, skipped: 1 },
        ]),
      ),
    ).toBe('11 passed, 2 failed, 4 skipped')
  })
})
