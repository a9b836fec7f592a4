// Takes a lock a number of times and notes when it enters and leaves; dies inside at its last turn if told so.
import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { withLock } from '../lib/lock.mjs'

const [lock = '', log = '', turns, end] = process.argv.slice(2)
const note = (/** @type {string} */ what) => appendFileSync(log, `${what} ${process.pid}\n`)

for (let turn = 1; turn <= Number(turns); turn++) {
  const enter = async () => {
    note('enter')
    await wait(2)
    note('leave')
    if (end === 'die' && turn === Number(turns)) process.kill(process.pid, 'SIGKILL')
  }
  await withLock(lock, enter, { pollMs: 1 })
}
