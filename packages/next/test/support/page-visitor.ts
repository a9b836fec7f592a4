/** Somebody with a browser's cookies and headers, who runs no script. */
export interface PageVisitor {
  /** What a page shows; `status`, `location` and the cookies that came beside it. */
  visit(path: string, headers?: Readonly<Record<string, string>>): Promise<Page>
  /** Fills a form in, and sends it as a browser without scripts does. */
  submit(
    page: Page,
    form: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Page>
  /** The value of a cookie that is kept. */
  cookie(name: string): string | undefined
  /** Puts a cookie in its place. */
  keep(name: string, value: string): void
}

/** An answer. */
export interface Page {
  readonly path: string
  readonly status: number
  readonly location: string | null
  readonly setCookie: readonly string[]
  readonly html: string
  /** The text of an element, by its id. */
  text(id: string): string | undefined
}

let visitors = 0
const browser = { accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' }

/** Opens a browser, so to speak. */
export function createPageVisitor(url: string): PageVisitor {
  const jar = new Map<string, string>()
  // Of their own, so that nobody uses up another's attempts where the app is behind a proxy.
  const address = `203.0.113.${++visitors}`

  async function send(path: string, init: RequestInit): Promise<Page> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...browser, 'x-forwarded-for': address, ...(cookie === '' ? {} : { cookie }), ...Object(init.headers) }
    const response = await fetch(new URL(path, url), { ...init, headers, redirect: 'manual' })
    const setCookie = response.headers.getSetCookie()
    for (const line of setCookie) store(line)
    const html = (await response.text()).replaceAll('<!-- -->', '')
    return {
      path,
      status: response.status,
      location: response.headers.get('location'),
      setCookie,
      html,
      text: (id) => new RegExp(`<pre id="${id}">([^<]*)</pre>`).exec(html)?.[1],
    }
  }

  function store(line: string): void {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
    const isGone = /Max-Age=0(?:;|$)|Expires=Thu, 01 Jan 1970/i.test(line)
    if (isGone) jar.delete(name)
    else jar.set(name, value)
  }

  return {
    visit: (path, headers = {}) => send(path, { headers }),
    submit(page, form, fields, headers = {}) {
      const markup = new RegExp(`<form[^>]*id="${form}"[^>]*>(.*?)</form>`, 's').exec(page.html)?.[1] ?? ''
      const body = new FormData()
      for (const [input] of markup.matchAll(/<input type="hidden"[^>]*>/g)) {
        const of = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1]?.replaceAll('&quot;', '"') ?? ''
        body.append(of('name'), of('value'))
      }
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      return send(page.path, { method: 'POST', body, headers: { origin: new URL(url).origin, ...headers } })
    },
    cookie: (name) => jar.get(name),
    keep: (name, value) => void jar.set(name, value),
  }
}
