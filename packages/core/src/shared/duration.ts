/** A span of time: whole seconds, or a number with a unit, as in `'15m'`, `'30d'`, `'90s'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const pattern = /^(\d{1,9})([smhd])$/

/** The seconds a duration stands for, or `null` where it is no duration. */
export function durationSeconds(duration: unknown): number | null {
  if (typeof duration === 'number') return Number.isSafeInteger(duration) && duration >= 0 ? duration : null
  if (typeof duration !== 'string') return null
  const [, amount, unit] = pattern.exec(duration) ?? []
  if (amount === undefined || unit === undefined) return null
  return Number(amount) * unitSeconds[unit as keyof typeof unitSeconds]
}

/** The instant `seconds` after `from`. */
export function later(from: Date, seconds: number): Date {
  return new Date(from.getTime() + seconds * 1000)
}
