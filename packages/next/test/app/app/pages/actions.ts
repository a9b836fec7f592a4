'use server'

import type { ActionRefusal, ActionSignedIn } from '@auth/next'
import { web } from '../../lib/auth'

type Answer = ActionSignedIn | ActionRefusal | null

/** Where the form says; nowhere else but on the same origin. */
function placeIn(form: FormData): { redirectTo?: string } {
  const to = form.get('returnTo')
  return typeof to === 'string' ? { redirectTo: to } : {}
}

export async function signIn(_before: Answer, form: FormData): Promise<Answer> {
  return web.actions.login(form, placeIn(form))
}

export async function signUp(_before: Answer, form: FormData): Promise<Answer> {
  return web.actions.register(form, placeIn(form))
}

export async function signOut(): Promise<void> {
  await web.actions.logout({ redirectTo: '/pages/who' })
}

export async function addOrder(): Promise<void> {
  await web.principalOrRedirect('/pages/sign-in?from=action', { scopes: ['write:orders'] })
  console.log('an order was added')
}
