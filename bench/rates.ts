import { cpus } from 'node:os'
import { quantile, round } from './statistics.js'

/** One way of doing the same work as often as it can be done. */
export interface RateContender {
  readonly name: string
  /** The lowest ratio that is good enough. */
  readonly atLeast?: number
  /** Works for so long, and answers how often a second the work was done. */
  measure(seconds: number): Promise<number>
}

/** What is compared, and for how long. */
export interface RateComparisonOptions {
  /** Name of the result's file, in kebab-case. */
  readonly name: string
  /** The first is what the others are measured against. */
  readonly contenders: readonly [RateContender, ...RateContender[]]
  /** How often each gets its turn; 7 by default. A round before them, which does not count, warms up. */
  readonly rounds?: number
  /** How long a turn is, in seconds; 4 by default. */
  readonly turnSeconds?: number
}

/** How one contender did. */
export interface RateStanding {
  readonly name: string
  /** Median over the rounds of how often a second the work was done. */
  readonly medianPerSecond: number
  /** Median over the rounds of its rate divided by the first one's rate in that same round: above 1 is faster. */
  readonly ratio: number
  /** The 10th and the 90th percentile of those ratios. */
  readonly ratioRange: readonly [low: number, high: number]
  /** The lowest ratio that is good enough, where there is such a thing. */
  readonly atLeast?: number
}

/** A finished comparison, as it is written to `results/`. */
export interface RateComparison {
  readonly name: string
  readonly rounds: number
  readonly node: string
  readonly cpu: string
  readonly standings: readonly RateStanding[]
  /** What else was measured, by what it is. */
  readonly notes?: Readonly<Record<string, number>>
}

/** Compares rates within one run. As with times, the contenders take turns, and only ratios within a round count. */
export async function compareRates(options: RateComparisonOptions): Promise<RateComparison> {
  const { name, contenders, rounds = 7, turnSeconds = 4 } = options
  const rates = contenders.map((): number[] => [])
  for (const contender of contenders) await contender.measure(turnSeconds)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (round + turn) % contenders.length
      const rate = await contenders[index]?.measure(turnSeconds)
      if (rate !== undefined) rates[index]?.push(rate)
    }
  }
  const standings = contenders.map((contender, index) => standing(contender, rates[index] ?? [], rates[0] ?? []))
  return { name, rounds, node: process.versions.node, cpu: cpus()[0]?.model ?? 'unknown', standings }
}

/** Does the work with so many at once for so long, and answers how often a second it was done. */
export async function rateOf(
  work: (worker: number) => Promise<unknown>,
  inFlight: number,
  seconds: number,
): Promise<number> {
  let done = 0
  const start = performance.now()
  const end = start + seconds * 1000
  const workers = Array.from({ length: inFlight }, async (_, worker) => {
    while (performance.now() < end) {
      await work(worker)
      done++
    }
  })
  await Promise.all(workers)
  return done / ((performance.now() - start) / 1000)
}

function standing({ name, atLeast }: RateContender, rates: readonly number[], first: readonly number[]): RateStanding {
  const ratios = rates.map((rate, round) => rate / (first[round] ?? Number.NaN))
  return {
    name,
    medianPerSecond: round(quantile(rates, 0.5)),
    ratio: round(quantile(ratios, 0.5)),
    ratioRange: [round(quantile(ratios, 0.1)), round(quantile(ratios, 0.9))],
    ...(atLeast === undefined ? {} : { atLeast }),
  }
}
