import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Comparison, Standing } from './compare.js'
import type { RateComparison, RateStanding } from './rates.js'

/**
 * Prints a comparison and writes it to the folder that `npm run bench` names. A ratio that is not good enough makes the
 * process fail.
 */
export function report(comparison: Comparison | RateComparison): void {
  console.log(`\n${comparison.name}`)
  for (const standing of comparison.standings) {
    const range = standing.ratioRange.map((value) => value.toFixed(2)).join('–')
    const isMissed = missesBound(standing)
    if (isMissed) process.exitCode = 1
    const bound = `${boundOf(standing)}${isMissed ? ': MISSED' : ''}`
    console.log(`  ${standing.name.padEnd(44)} ${figureOf(standing)}   × ${standing.ratio.toFixed(2)} (${range})${bound}`)
  }
  if ('notes' in comparison)
    for (const [name, value] of Object.entries(comparison.notes ?? {})) console.log(`  ${name}: ${value}`)
  const directory = process.env.BENCH_RESULTS
  if (directory === undefined) return
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${comparison.name}.json`), `${JSON.stringify(comparison, null, 2)}\n`)
}

/** Whether the ratio is on the wrong side of its bound. A ratio that is no number is. */
export function missesBound(standing: Standing | RateStanding): boolean {
  if ('atMost' in standing && standing.atMost !== undefined) return !(standing.ratio <= standing.atMost)
  if ('atLeast' in standing && standing.atLeast !== undefined) return !(standing.ratio >= standing.atLeast)
  return false
}

function figureOf(standing: Standing | RateStanding): string {
  if ('medianMicroseconds' in standing) return `${standing.medianMicroseconds.toFixed(1).padStart(12)} µs`
  return `${standing.medianPerSecond.toFixed(0).padStart(8)} per second`
}

function boundOf(standing: Standing | RateStanding): string {
  if ('atMost' in standing && standing.atMost !== undefined) return `, at most ${standing.atMost}`
  if ('atLeast' in standing && standing.atLeast !== undefined) return `, at least ${standing.atLeast}`
  return ''
}
