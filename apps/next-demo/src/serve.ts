import { AuthError } from '@auth/core'
import { refusalResponse } from '@auth/core/node'
import { getAuth, type RouteHandler } from '@auth/next'
import type { Endpoint } from '@auth-sdk/demo'
import type { NextRequest } from 'next/server'
import { readJson } from './body'
import { demo, web } from './demo'

interface Params {
  readonly params: Readonly<Record<string, string>>
}

interface Route {
  readonly endpoint: Endpoint
  readonly handle: RouteHandler<Params>
}

let routes: readonly Route[] | undefined

/** Answers a request to one of the app's own routes: the list that every framework's server has. */
export async function serve(request: NextRequest): Promise<Response> {
  const { pathname } = request.nextUrl
  const method = request.method === 'HEAD' ? 'GET' : request.method
  routes ??= demo().endpoints.map((endpoint) => ({ endpoint, handle: handlerOf(endpoint) }))
  for (const { endpoint, handle } of routes) {
    const params = endpoint.method === method ? paramsOf(endpoint.path, pathname) : null
    if (params) return handle(request, { params })
  }
  return refusalResponse(demo().auth.refuse(new AuthError('not_found')))
}

function handlerOf({ access, answer }: Endpoint): RouteHandler<Params> {
  const handle: RouteHandler<Params> = async (request, { params }) => {
    const query = Object.fromEntries(request.nextUrl.searchParams)
    const type = request.headers.get('content-type') ?? undefined
    const accept = request.headers.get('accept') ?? undefined
    const body = await readJson(request, demo().maxBodyBytes)
    const reply = await answer({ caller: () => getAuth(request), params, query, body, type, accept })
    if (reply.status === 204) return new Response(null, { status: 204 })
    const sent = typeof reply.body === 'string' ? reply.body : new Uint8Array(reply.body)
    return new Response(sent, { status: reply.status, headers: { 'content-type': reply.type } })
  }
  return access === 'public' ? handle : web().guard(access, handle)
}

/** The parameters of a path that meets a pattern such as `/api/users/:id`. */
function paramsOf(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const given = path.split('/')
  const wanted = pattern.split('/')
  if (given.length !== wanted.length) return null
  const params: Record<string, string> = {}
  for (const [i, segment] of wanted.entries()) {
    const value = given[i] ?? ''
    if (segment.startsWith(':') && value !== '') params[segment.slice(1)] = decodeURIComponent(value)
    else if (segment !== value) return null
  }
  return params
}
