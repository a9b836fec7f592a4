import { web } from './demo'

/**
 * Serves the SDK's routes. An app that makes its `Auth` in a module exports `web.handlers` as they are; this one learns of it
 * when the process starts, as a build knows neither the database nor the issuer.
 */
export function serveAuth(request: Request): Promise<Response> {
  return web().handlers.GET(request) // All methods are one function.
}
