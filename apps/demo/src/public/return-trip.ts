/** Where somebody was sent from to sign in. */
export interface ReturnTrip {
  /** The address to go on to; `null` where nobody was sent. */
  readonly target: string | null
  /** Whether they are to prove once more who they are, also where they are signed in. */
  readonly isForced: boolean
}

/** Reads the trip from the page's address. Only a place of this very origin is gone to: a link to here could name any other. */
export function readReturnTrip({ search, origin }: Pick<Location, 'search' | 'origin'>): ReturnTrip {
  const query = new URLSearchParams(search)
  const wanted = query.get('returnTo')
  const target = wanted !== null && URL.canParse(wanted, origin) ? new URL(wanted, origin) : null
  const isOwn = target?.origin === origin && (target.protocol === 'https:' || target.protocol === 'http:')
  return { target: isOwn ? target.href : null, isForced: isOwn && query.get('prompt') === 'login' }
}
