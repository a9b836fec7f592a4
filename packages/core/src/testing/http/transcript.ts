import type { AppKind } from './http-suite.js'
import type { RawAnswer, RawRequest } from './raw-exchange.js'

/** An exchange, as it came. */
export interface Recorded {
  /** The test in which it took place. */
  readonly test: string
  readonly app: AppKind
  readonly request: RawRequest
  readonly answer: RawAnswer
  readonly basePath: string
  readonly url: string
}

/** Headers that the SDK sets; others are the server's or the framework's. */
const ownHeaders: ReadonlySet<string> = new Set([
  'allow',
  'cache-control',
  'content-type',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'set-cookie',
  'www-authenticate',
])

/** An exchange in one text, with what differs from run to run replaced. Two apps that are the same product give the same. */
export function normalise({ test, app, request, answer, basePath }: Recorded): string {
  const lines = answer.lines
    .filter(([name]) => ownHeaders.has(name))
    .map(([name, value]) => `${name}: ${steady(name, value)}`)
  const target = request.target.replace(/^~/, basePath)
  return [`${test} (${app})`, `${request.method} ${mask(target)}`, answer.status, ...lines.sort(), mask(answer.text)].join(
    '\n',
  )
}

function steady(name: string, value: string): string {
  return name === 'retry-after' || name === 'ratelimit' ? value.replaceAll(/\d+/g, '<n>') : mask(value)
}

function mask(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/"(id|prefix|subject|keyId)":"[^"]*"/g, '"$1":"<id>"')
    .replaceAll(/(api-keys\/)[^/ ]+/g, '$1<id>')
    .replaceAll(/visitor-\d+-\w+@/g, '<visitor>@')
    .replaceAll(/"mails":\[.*\]/g, '"mails":[…]')
    .replaceAll(/[\w-]{40,}(?:\.[\w-]+)*/g, '<secret>')
    .replaceAll(/203\.0\.\d+\.\d+/g, '<address>')
    .replaceAll(/Max-Age=[1-9]\d*|"(?:refreshExpiresIn|expiresIn)":\d+/g, '<seconds>')
}
