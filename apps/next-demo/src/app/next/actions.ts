'use server'

import type { ActionProblem } from '@auth/next'
import { web } from '../../demo'

/** Signs in, and goes on to where the person wanted to be. Answers why not. */
export async function signIn(_before: ActionProblem | null, form: FormData): Promise<ActionProblem | null> {
  const answer = await web().actions.login(form, { redirectTo: returnTo(form) })
  return answer.ok ? null : answer.problem
}

/** The same for somebody new. */
export async function signUp(_before: ActionProblem | null, form: FormData): Promise<ActionProblem | null> {
  const answer = await web().actions.register(form, { redirectTo: returnTo(form) })
  return answer.ok ? null : answer.problem
}

/** Signs out. */
export async function signOut(): Promise<void> {
  await web().actions.logout({ redirectTo: '/next/sign-in' })
}

function returnTo(form: FormData): string {
  const asked = form.get('returnTo')
  return typeof asked === 'string' && asked !== '' ? asked : '/next'
}
