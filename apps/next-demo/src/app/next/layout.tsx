import type { Metadata } from 'next'
import type { ReactNode } from 'react'

/** Nothing here is rendered before there is a request. */
export const dynamic = 'force-dynamic'

export const metadata: Metadata = {
  title: 'Auth SDK demo on Next',
  description: 'Server components and server actions that know who is calling.',
  icons: '/icon.svg',
}

const sheets = ['/base.css', '/controls.css', '/views.css']

export default function Layout({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <html lang="en">
      <head>
        <meta name="color-scheme" content="light dark" />
        {sheets.map((href) => (
          <link key={href} rel="stylesheet" href={href} />
        ))}
      </head>
      <body>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <header className="bar">
          <div className="bar-inner">
            <span className="brand">
              {/* biome-ignore lint/performance/noImgElement: a small SVG, which is as small as it gets. */}
              <img src="/icon.svg" alt="" width={28} height={28} />
              Auth SDK <span className="tag">Next</span>
            </span>
            <a className="button quiet" href="/">
              Main page
            </a>
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </body>
    </html>
  )
}
