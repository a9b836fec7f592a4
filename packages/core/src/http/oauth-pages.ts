import { escapeHtml } from '../mail/index.js'
import type { AuthorizationStep, ConsentQuestion } from '../oauth-server/index.js'
import { utf8 } from '../shared/bytes.js'
import { sha256 } from '../shared/digest.js'
import { lazy } from '../shared/lazy.js'
import type { Refusal } from './refusal.js'

/** The pages that the server shows to people itself. */
export interface OAuthPages {
  /** Asks whether a client may act for the person. */
  consent(question: ConsentQuestion): Promise<Response>
  /** Says why a request goes no further. Fixed texts: nothing of a request is in them. */
  refusal(reason: PageRefusal): Promise<Response>
  /** Says that the request could not be served, with the status and the time to wait of what programs are told. */
  fault(refusal: Refusal): Promise<Response>
}

/** Why a request goes no further. */
export type PageRefusal =
  | Extract<AuthorizationStep, { step: 'refuse' }>['reason']
  | 'sign_in_first'
  | 'decision_missing'
  | 'foreign_page'

const refusals: Readonly<Record<PageRefusal, readonly [status: number, title: string, text: string]>> = {
  client_unknown: [400, 'This app is not known here', 'The link that brought you here names no app that is registered.'],
  redirect_uri_unknown: [
    400,
    'This app asks to be answered elsewhere',
    'The address that the link names for the way back is not registered for the app.',
  ],
  request_over: [400, 'This request is over', 'It was answered already, or is too old. Go back to the app and start again.'],
  sign_in_first: [401, 'Sign in first', 'Sign in to your account, and then open this link again.'],
  decision_missing: [400, 'Nothing was decided', 'Go back to the app and start again.'],
  foreign_page: [403, 'This was not asked of you', 'The answer did not come from the page that asked you.'],
}

const style = `
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 12vh auto; max-width: 26rem; padding: 0 1.25rem }
h1 { font-size: 1.35rem; line-height: 1.3; overflow-wrap: anywhere }
ul { padding-left: 1.25rem }
p, li { overflow-wrap: anywhere }
.note { font-size: .875rem; opacity: .75 }
.choice { display: flex; gap: .75rem; margin-top: 1.5rem }
button { font: inherit; padding: .55rem 1.25rem; border: 1px solid currentColor; border-radius: .5rem; background: none; color: inherit; cursor: pointer }
button[value=allow] { background: #14532d; border-color: #14532d; color: #fff }
button:focus-visible { outline: 3px solid #60a5fa; outline-offset: 2px }
`

const styleSource = lazy(async () => `'sha256-${btoa(String.fromCharCode(...(await sha256(utf8(style)))))}'`)

/**
 * Makes the pages.
 * @param action The path that the form posts to.
 * @param scopeDescriptions What scopes mean, in words.
 */
export function createOAuthPages(action: string, scopeDescriptions: ReadonlyMap<string, string>): OAuthPages {
  return {
    consent({ requestId, clientName, scopes, email, redirectUri }) {
      const name = escapeHtml(clientName)
      const { protocol, host } = new URL(redirectUri)
      const items = scopes.map((scope) => `<li>${escapeHtml(scopeDescriptions.get(scope) ?? scope)}</li>`).join('')
      const wishes =
        items === '' ? '<p>It asks for nothing but to know your account.</p>' : `<p>It will be able to:</p><ul>${items}</ul>`
      const body = `<h1>${name} wants to use your account</h1>
<p>You are signed in as <strong>${escapeHtml(email)}</strong>.</p>
${wishes}
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="request_id" value="${escapeHtml(requestId)}">
<div class="choice"><button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></div>
</form>
<p class="note">You will be taken to ${escapeHtml(host || protocol)}. You can take this back among your sessions.</p>`
      return page(200, `Allow ${clientName}?`, body, formTargets(protocol))
    },
    refusal(reason) {
      const [status, title, text] = refusals[reason]
      return page(status, title, `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}</p>`, "'none'")
    },
    async fault({ status, code, headers }) {
      const title = 'This does not work right now'
      const text = 'Go back to the app and start again in a moment.'
      const body = `<h1>${title}</h1>\n<p>${text}</p>\n<p class="note"><code>${code}</code></p>`
      const response = await page(status, title, body, "'none'")
      for (const [name, value] of headers) if (name === 'retry-after') response.headers.set(name, value)
      return response
    },
  }
}

/**
 * Where the form may lead. Browsers hold redirects to it too, those of the client behind its redirect URI among them, so that
 * hosts cannot be named; what can be said is that nothing but the schemes in use is reached.
 */
function formTargets(scheme: string): string {
  return [...new Set(["'self'", 'https:', scheme])].join(' ')
}

async function page(status: number, title: string, body: string, formAction: string): Promise<Response> {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>${style}</style></head>
<body>
${body}
</body>
</html>
`
  const policy = [
    "default-src 'none'",
    `style-src ${await styleSource()}`,
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  })
}
