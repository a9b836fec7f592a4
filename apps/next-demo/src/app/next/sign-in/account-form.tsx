'use client'

import type { ActionProblem } from '@auth/next'
import { type ReactNode, useActionState, useId } from 'react'

interface FormProps {
  readonly title: string
  readonly action: (before: ActionProblem | null, form: FormData) => Promise<ActionProblem | null>
  readonly returnTo: string
}

/** A form for an address and a password. */
export function AccountForm({ title, action, returnTo }: FormProps): ReactNode {
  const [problem, submit, pending] = useActionState(action, null)
  const id = useId()
  const issue = (path: string): string => problem?.issues?.find((each) => each.path === path)?.message ?? ''
  return (
    <form className="card sign-in" action={submit} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <input type="hidden" name="returnTo" value={returnTo} />
      <div className="field">
        <label htmlFor={`${id}-email`}>E-mail address</label>
        <input
          id={`${id}-email`}
          name="email"
          type="email"
          autoComplete="username"
          required
          aria-describedby={`${id}-email-error`}
        />
        <p className="error" id={`${id}-email-error`}>
          {issue('email')}
        </p>
      </div>
      <div className="field">
        <label htmlFor={`${id}-password`}>Password</label>
        <input id={`${id}-password`} name="password" type="password" required aria-describedby={`${id}-password-error`} />
        <p className="error" id={`${id}-password-error`}>
          {issue('password')}
        </p>
      </div>
      <p className="error form-error" role="alert">
        {problem && !problem.issues ? `${problem.title} (${problem.code})` : ''}
      </p>
      <button type="submit" className="button primary wide" disabled={pending}>
        {title}
      </button>
    </form>
  )
}
