import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { web } from '../../../demo'
import { signIn, signUp } from '../actions'
import { AccountForm } from './account-form'

/** Where to sign in; whoever is signed in goes on. */
export default async function SignIn({ searchParams }: PageProps): Promise<ReactNode> {
  const { returnTo } = await searchParams
  const to = typeof returnTo === 'string' ? returnTo : '/next'
  if (await web().principal()) redirect('/next')
  const hasCookie = Boolean((await cookies()).get('session')?.value) // The proxy empties a dead one.
  return (
    <section className="welcome" aria-labelledby="welcome-title">
      <div className="pitch">
        <h1 id="welcome-title">Sign in by server action</h1>
        <p className="lead">The forms work before any script has loaded, and without. No token ever reaches the page.</p>
        <p className="hint" data-testid="cookie">
          This render {hasCookie ? 'sees a session cookie' : 'sees no session cookie'}.
        </p>
      </div>
      <div className="pitch">
        <AccountForm title="Sign in" action={signIn} returnTo={to} />
        <AccountForm title="Create account" action={signUp} returnTo={to} />
      </div>
    </section>
  )
}

interface PageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>
}
