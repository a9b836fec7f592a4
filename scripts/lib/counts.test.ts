import { describe, expect, it } from 'vitest'
import { countsLine, countTests, sum } from './counts.mjs'

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((status) => ({ status })) })

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
