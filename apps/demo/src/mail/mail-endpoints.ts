import { escapeHtml } from '@auth/core'
import { type Endpoint, json, type Reply } from '../endpoints.js'
import type { Outbox, OutboxMessage } from './outbox.js'

/**
 * The outbox, for whoever tries the demo without a mail server. Anybody may read it, and every link in it works: no more
 * than a demo may do.
 */
export function outboxEndpoints(outbox: Outbox): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/outbox',
      access: 'public',
      async answer({ accept }) {
        const messages = await outbox.list()
        return /\bapplication\/json\b/i.test(accept ?? '') ? json({ messages }) : page(messages)
      },
    },
  ]
}

function page(messages: readonly OutboxMessage[]): Reply {
  const list =
    messages.length === 0 ? '<p class="hint">Nothing was sent yet.</p>' : [...messages].reverse().map(messageHtml).join('\n')
  const body = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Outbox · Auth SDK demo</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/base.css" />
    <link rel="stylesheet" href="/controls.css" />
    <link rel="stylesheet" href="/views.css" />
    <link rel="stylesheet" href="/mail.css" />
  </head>
  <body>
    <header class="bar"><div class="bar-inner"><a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28" />Auth SDK <span class="tag">demo</span></a></div></header>
    <main id="main" class="narrow">
      <h1>Outbox</h1>
      <p class="lead">No mail server is set up, so mails end here. Reload to see new ones.</p>
      ${list}
    </main>
  </body>
</html>
`
  return { status: 200, type: 'text/html; charset=utf-8', body }
}

function messageHtml({ to, kind, subject, text, link, at }: OutboxMessage): string {
  const paragraphs = text
    .split('\n\n')
    .filter((paragraph) => link === null || !paragraph.includes(link))
    .map((paragraph) => `<p>${escapeHtml(paragraph.trim())}</p>`)
  const anchor = link === null ? '' : `<p><a class="button primary" href="${escapeHtml(link)}">Open the link</a></p>`
  return `<article class="card" data-kind="${escapeHtml(kind)}">
        <h2>${escapeHtml(subject)}</h2>
        <p class="hint">To ${escapeHtml(to)} · <time datetime="${escapeHtml(at)}">${escapeHtml(at)}</time></p>
        ${paragraphs.join('\n        ')}
        ${anchor}
      </article>`
}
