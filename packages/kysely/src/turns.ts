let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * Does one piece of work after the other in this process, whichever database each is for. SQLite's drivers wait for a
 * lock with the whole process: a transaction of one connection must not begin while another one's is half-way, or nobody
 * could finish that. It costs nothing, because those drivers do one thing at a time anyway.
 * @param work Must not wait for anything but the database.
 */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(work)
  lastTurn = turn.catch(() => undefined)
  return turn
}
