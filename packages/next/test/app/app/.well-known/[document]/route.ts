import { web } from '../../../lib/auth'
import { withNeighbours } from '../../../lib/neighbours'

const handlers = web.handlers
export const GET = withNeighbours(handlers.GET)
export const HEAD = withNeighbours(handlers.HEAD)
export const POST = withNeighbours(handlers.POST)
export const PUT = withNeighbours(handlers.PUT)
export const PATCH = withNeighbours(handlers.PATCH)
export const DELETE = withNeighbours(handlers.DELETE)
export const OPTIONS = withNeighbours(handlers.OPTIONS)
