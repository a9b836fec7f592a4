import type { ReactNode } from 'react'
import { web } from '../../../lib/auth'
import { addOrder, signOut } from '../actions'

export default async function Page(): Promise<ReactNode> {
  const { subject } = await web.principalOrRedirect('/pages/sign-in?from=page')
  return (
    <>
      <pre id="private">{subject}</pre>
      <form action={signOut} id="out" />
      <form action={addOrder} id="order" />
    </>
  )
}
