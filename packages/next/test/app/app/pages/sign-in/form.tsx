'use client'

import type { ActionRefusal, ActionSignedIn } from '@auth/next'
import { type ReactNode, useActionState } from 'react'

type State = ActionSignedIn | ActionRefusal | null

/** The form of an action, with what it answered. */
export function AuthForm({
  id,
  action,
}: {
  id: string
  action: (before: State, form: FormData) => Promise<State>
}): ReactNode {
  const [state, submit] = useActionState(action, null)
  return (
    <form id={id} action={submit}>
      <output>{JSON.stringify(state)}</output>
    </form>
  )
}
