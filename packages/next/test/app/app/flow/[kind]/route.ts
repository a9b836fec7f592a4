import { AuthError, StoreError } from '@auth/core'
import { notFound, redirect } from 'next/navigation'
import { web } from '../../../lib/auth'

/** What a handler within a guard may throw. */
export const GET = web.optional(async (_request, { params }) => {
  const { kind } = await params
  if (kind === 'redirect') redirect('/pages/who')
  if (kind === 'refusal') throw new AuthError('email_taken')
  if (kind === 'store') throw new StoreError('secret detail')
  if (kind === 'fault') throw new Error('secret detail')
  notFound()
})
