import type { ReactNode } from 'react'
import { signIn, signUp } from '../actions'
import { AuthForm } from './form'

export default function Page(): ReactNode {
  return (
    <>
      <AuthForm id="in" action={signIn} />
      <AuthForm id="up" action={signUp} />
    </>
  )
}
