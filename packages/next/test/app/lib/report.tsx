import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { asked, web } from './auth'

async function Who(): Promise<ReactNode> {
  return (await web.principal())?.subject ?? 'nobody'
}

/** Who is calling, asked by three components of one render, and what the render sees of the session's cookie. */
export async function Report(): Promise<ReactNode> {
  const before = asked.times
  const principal = await web.principal()
  const mayOrder = await web.principal({ scopes: ['read:orders'] })
  const cookie = (await cookies()).get('__Host-session')?.value
  return (
    <>
      <pre id="who">{principal?.subject ?? 'nobody'}</pre>
      <pre id="orders">{mayOrder ? 'may' : 'may not'}</pre>
      <pre id="cookie">{cookie || 'none'}</pre>
      <pre id="asked">{asked.times - before}</pre>
      <pre id="inner">
        <Who />
      </pre>
    </>
  )
}
