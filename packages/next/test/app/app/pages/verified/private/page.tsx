import type { ReactNode } from 'react'
import { Report } from '../../../../lib/report'

export default function Page(): ReactNode {
  return <Report />
}
