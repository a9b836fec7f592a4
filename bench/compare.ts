import { cpus } from 'node:os'
import { quantile, round } from './statistics.js'

/** One way of doing the same work. */
export interface Contender {
  readonly name: string
  /** The highest ratio that is good enough. */
  readonly atMost?: number
  /** Does the work once. */
  run(): unknown
}

/** What is compared, and for how long. */
export interface ComparisonOptions {
  /** Name of the result's file, in kebab-case. */
  readonly name: string
  /** The first is what the others are measured against. */
  readonly contenders: readonly [Contender, ...Contender[]]
  /** How often each gets its turn; 41 by default. */
  readonly rounds?: number
  /** Shortest time of one turn in milliseconds; 25 by default. */
  readonly turnMs?: number
  /** The clock in milliseconds, for tests. */
  readonly now?: () => number
}

/** How one contender did. */
export interface Standing {
  readonly name: string
  /** Median time of the work, in microseconds. */
  readonly medianMicroseconds: number
  /** Median over the rounds of its time divided by the first one's time in that same round: below 1 is faster. */
  readonly ratio: number
  /** The 10th and the 90th percentile of those ratios. */
  readonly ratioRange: readonly [low: number, high: number]
  /** The highest ratio that is good enough, where there is such a thing. */
  readonly atMost?: number
}

/** A finished comparison, as it is written to `results/`. */
export interface Comparison {
  readonly name: string
  readonly rounds: number
  readonly node: string
  readonly cpu: string
  readonly standings: readonly Standing[]
}

/**
 * Compares ways of doing the same work within one run. They take turns, in another order each round, so that whatever
 * slows the machine down meets all of them, and only ratios within a round are compared.
 */
export async function compare(options: ComparisonOptions): Promise<Comparison> {
  const { name, contenders, rounds = 41, turnMs = 25, now = () => performance.now() } = options
  const times = contenders.map((): number[] => [])
  const counts: number[] = []
  for (const contender of contenders) counts.push(await calibrate(contender, turnMs, now))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (round + turn) % contenders.length
      const contender = contenders[index]
      if (contender) times[index]?.push(await measure(contender, counts[index] ?? 1, now))
    }
  }
  const standings = contenders.map((contender, index) => standing(contender, times[index] ?? [], times[0] ?? []))
  return { name, rounds, node: process.versions.node, cpu: cpus()[0]?.model ?? 'unknown', standings }
}

/** How often the work is done in one turn, found by doubling; warms the code up on the way. */
async function calibrate(contender: Contender, turnMs: number, now: () => number): Promise<number> {
  let count = 1
  while (count < 2 ** 24 && (await measure(contender, count, now)) * count < turnMs) count *= 2
  return count
}

async function measure({ run }: Contender, count: number, now: () => number): Promise<number> {
  const start = now()
  for (let done = 0; done < count; done++) {
    const result = run()
    if (result instanceof Promise) await result
  }
  return (now() - start) / count
}

function standing({ name, atMost }: Contender, times: readonly number[], first: readonly number[]): Standing {
  const ratios = times.map((time, round) => time / (first[round] ?? Number.NaN))
  return {
    name,
    medianMicroseconds: round(quantile(times, 0.5) * 1000),
    ratio: round(quantile(ratios, 0.5)),
    ratioRange: [round(quantile(ratios, 0.1)), round(quantile(ratios, 0.9))],
    ...(atMost === undefined ? {} : { atMost }),
  }
}
