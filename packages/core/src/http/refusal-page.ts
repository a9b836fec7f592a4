import type { Refusal } from './refusal.js'
import { refusals } from './refusals.js'
import { headerLines, type RequestSource } from './request-source.js'

/** Whether a browser asks for a page, and no program for JSON. */
export function wantsPage(source: RequestSource): boolean {
  return headerLines(source, 'accept').some((line) => /(?:^|[\s,])text\/html(?:[\s;,]|$)/i.test(line))
}

/** A refusal as a page for a person, without anything that could run. */
export function refusalPage(refusal: Refusal, home: string): Response {
  const { title } = refusals[refusal.code]
  const { detail } = JSON.parse(refusal.body) as { readonly detail?: unknown } // Written by `toRefusal`.
  const told = typeof detail === 'string' ? `<p>${escaped(detail)}</p>` : ''
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head>
<body><main><h1>${escaped(title)}</h1>${told}<p><code>${escaped(refusal.code)}</code></p><p><a href="${escaped(home)}">Back</a></p></main></body></html>
`
  const headers = new Headers(refusal.headers.map(([name, value]): [string, string] => [name, value]))
  headers.set('content-type', 'text/html; charset=utf-8')
  headers.set('content-security-policy', "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
  headers.set('referrer-policy', 'no-referrer')
  headers.set('x-content-type-options', 'nosniff')
  return new Response(html, { status: refusal.status, headers })
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
