import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { demo, web } from '../../demo'
import { signOut } from './actions'

/** A private page: who may not see it is sent away before anything of it is read. */
export default async function Account(): Promise<ReactNode> {
  const principal = await web().principalOrRedirect('/next/sign-in', { scopes: ['read:orders'] })
  const { auth, orders } = demo()
  const person = await auth.accounts.find(principal.userId ?? '')
  if (!person) redirect('/next/sign-in')
  const placed = await orders.list(person.id)
  return (
    <section aria-labelledby="hello">
      <div className="dashboard">
        <div className="greeting">
          <h1 id="hello">Hello, {person.name ?? person.email}</h1>
          <p className="lead">
            A server component read this for you. Nobody else’s browser gets it, and yours does not keep it.
          </p>
        </div>
        <article className="card identity" aria-labelledby="me-title">
          <h2 id="me-title">Who am I</h2>
          <dl data-testid="identity">
            <dt>E-mail address</dt>
            <dd data-testid="email">{person.email}</dd>
            <dt>Roles</dt>
            <dd>{principal.roles.join(', ')}</dd>
            <dt>Signed in by</dt>
            <dd>{principal.via}</dd>
          </dl>
          <form className="attack" action={signOut}>
            <button type="submit" className="button danger">
              Sign out
            </button>
          </form>
        </article>
        <article className="card" aria-labelledby="orders-title">
          <h2 id="orders-title">Your orders</h2>
          {placed.length === 0 ? (
            <p className="hint">None yet.</p>
          ) : (
            <ul data-testid="orders">
              {placed.map(({ id, item }) => (
                <li key={id}>{item}</li>
              ))}
            </ul>
          )}
        </article>
      </div>
    </section>
  )
}
