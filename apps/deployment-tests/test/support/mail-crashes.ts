import { expect } from 'vitest'
import { type Answer, told } from './client.js'
import { crash, type Step, stepsBetween, writesOf } from './crashes.js'
import type { Deployment, TestNode } from './deployment.js'
import { allOver, logIn, newPassword, type Person, password, signUp, standing, tokensOf } from './people.js'

/** Nodes that send mails. */
const settings = { mails: true } as const

/** What changes an account or its ticket; the rest is bookkeeping. */
const telling = ['tickets.consume', 'users.revoke', 'users.swapEmail', 'revocations.append', 'tickets.revokeAll']

function stepsOf(writes: readonly string[]): readonly Step[] {
  return stepsBetween([...new Set(writes.filter((call) => telling.includes(call)))])
}

/** The ticket of the newest mail of a kind. Whoever asks has waited until it was sent. */
async function ticketOf(node: TestNode, to: string, kind: string): Promise<string> {
  const { body } = await node.call('POST', '/operator/mails', { body: [to] })
  const mails = body.done as readonly { readonly kind: string; readonly link: string }[]
  return new URL(mails.findLast((mail) => mail.kind === kind)?.link ?? 'https://none.example').hash.replace('#ticket=', '')
}

async function toReset(node: TestNode, { email, ip }: Pick<Person, 'email' | 'ip'>): Promise<string> {
  expect(told(await node.call('POST', '/auth/password/forgot', { ip, body: { email } }))).toBe('202')
  return ticketOf(node, email, 'password_reset')
}

async function toChange(node: TestNode, { accessToken, ip }: Person, newEmail: string): Promise<string> {
  const asked = await node.call('POST', '/auth/email/change', { bearer: accessToken, ip, body: { newEmail } })
  expect(told(asked)).toBe('202')
  return ticketOf(node, newEmail, 'email_change')
}

const reset = (node: TestNode, { ip }: Person, ticket: string, text = newPassword): Promise<Answer> =>
  node.call('POST', '/auth/password/reset', { ip, body: { ticket, newPassword: text } })
const verify = (node: TestNode, { ip }: Person, ticket: string): Promise<Answer> =>
  node.call('POST', '/auth/email/verify', { ip, body: { ticket } })

/** Kills a process between the writes of a reset: the old password is good, or the new one and nothing of before. */
export async function crashReset(deployment: Deployment): Promise<void> {
  const survivor = await deployment.start(settings)
  const learnt = await signUp(survivor)
  const ticket = await toReset(survivor, learnt)
  const steps = stepsOf(await writesOf(survivor, () => reset(survivor, learnt, ticket)))
  expect(steps.map(({ point }) => point.call)).toEqual(expect.arrayContaining(['tickets.consume', 'users.revoke']))
  for (const step of steps) {
    const person = await signUp(survivor)
    const used = await toReset(survivor, person)
    await crash(deployment, step, (node) => reset(node, person, used), settings)
    const isDone = step.done.includes('users.revoke')
    const where = `died ${step.point.when} ${step.point.call}`
    expect(told(await logIn(survivor, person)), where).toBe(isDone ? '401 invalid_credentials' : '200')
    expect(told(await logIn(survivor, person, { password: newPassword })), where).toBe(
      isDone ? '200' : '401 invalid_credentials',
    )
    const isUsedUp = step.done.includes('tickets.consume')
    expect(told(await reset(survivor, person, used)), where).toBe(isUsedUp ? '400 ticket_invalid' : '204')
    // Whatever was left undone, another mail completes it.
    if (isUsedUp) expect(told(await reset(survivor, person, await toReset(survivor, person)))).toBe('204')
    expect(await standing(survivor, person)).toEqual(allOver)
  }
}

/** The same for a change of address: the account has the old one or the new one, and is signed in to all the same. */
export async function crashEmailChange(deployment: Deployment): Promise<void> {
  const survivor = await deployment.start(settings)
  const change = async () => {
    const person = await signUp(survivor)
    const newEmail = `new-${person.email}`
    return { person, newEmail, ticket: await toChange(survivor, person, newEmail) }
  }
  const learnt = await change()
  const steps = stepsOf(await writesOf(survivor, () => verify(survivor, learnt.person, learnt.ticket)))
  expect(steps.map(({ point }) => point.call)).toEqual(expect.arrayContaining(['tickets.consume', 'users.swapEmail']))
  for (const step of steps) {
    const { person, newEmail, ticket } = await change()
    await crash(deployment, step, (node) => verify(node, person, ticket), settings)
    const isDone = step.done.includes('users.swapEmail')
    const where = `died ${step.point.when} ${step.point.call}`
    const [old, next] = [await logIn(survivor, person), await logIn(survivor, { ...person, email: newEmail })]
    expect([told(old), told(next)], where).toEqual(
      isDone ? ['401 invalid_credentials', '200'] : ['200', '401 invalid_credentials'],
    )
    if (isDone) continue
    const again = step.done.includes('tickets.consume')
      ? await toChange(survivor, { ...person, ...tokensOf(old) }, newEmail)
      : ticket
    expect(told(await verify(survivor, person, again)), where).toBe('204')
    expect(told(await logIn(survivor, { ...person, email: newEmail }))).toBe('200')
  }
}

/** Fifty resets with one ticket over four processes: one succeeds, and the password is its own. */
export async function raceResets(deployment: Deployment): Promise<void> {
  const nodes = await Promise.all(Array.from({ length: 4 }, () => deployment.start(settings)))
  const [first] = nodes as [TestNode, ...TestNode[]] // There are four.
  const person = await signUp(first)
  const older = await toReset(first, person)
  const ticket = await toReset(first, person)
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const node = nodes[index % nodes.length] ?? first
      return reset(node, { ...person, ip: `198.51.100.${index}` }, ticket, `a passphrase of racer ${index}`)
    }),
  )
  const outcomes = answers.map(told)
  expect(outcomes.filter((outcome) => outcome === '204')).toHaveLength(1)
  // On a busy machine a store may answer some of them too late.
  const losers = new Set(outcomes.filter((outcome) => outcome !== '204' && outcome !== '503 store_unavailable'))
  expect([...losers]).toEqual(['400 ticket_invalid'])
  const won = `a passphrase of racer ${outcomes.indexOf('204')}`
  expect(told(await logIn(first, person, { password: won }))).toBe('200')
  expect(told(await logIn(first, person, { password }))).toBe('401 invalid_credentials')
  expect(told(await reset(first, person, older))).toBe('400 ticket_invalid')
}
