import type { ProviderPerson } from './provider-person.js'

/** The page on which somebody says who they are. Every choice is a link back to the request with a `person` in it. */
export function chooserPage(name: string, request: URL, people: readonly ProviderPerson[]): string {
  const hidden = [...request.searchParams]
    .map(([key, value]) => `<input type="hidden" name="${escaped(key)}" value="${escaped(value)}">`)
    .join('')
  const choices = people
    .map(
      ({ sub, name: person, email }) =>
        `<button name="person" value="${escaped(sub)}">${escaped(person)}<small>${escaped(email ?? 'no address')}</small></button>`,
    )
    .join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(name)} (stand-in)</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:24rem;padding:0 1rem;color:#1f2328}h1{font-size:1.3rem}
button{display:block;width:100%;margin:.5rem 0;padding:.7rem 1rem;font:inherit;text-align:left;border:1px solid #d0d7de;border-radius:8px;background:#fff;cursor:pointer}
button:hover{background:#f6f8fa}small{display:block;color:#59636e}</style></head>
<body><h1>Choose an account</h1><p>This is a local stand-in for ${escaped(name)}: nobody is asked for a password.</p>
<form method="get" action="${escaped(request.pathname)}">${hidden}${choices}<button name="person" value="">Cancel</button></form></body></html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
