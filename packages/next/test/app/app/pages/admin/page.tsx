import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { web } from '../../../lib/auth'

export default async function Page(): Promise<ReactNode> {
  if (!(await web.principal({ roles: ['admin'] }))) notFound()
  return 'for administrators'
}
