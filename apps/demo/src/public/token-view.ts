import { byId, onClick } from './dom.js'
import { meaningOf } from './messages.js'
import type { PageSession, Tokens } from './session.js'

/** Refreshing by itself begins when this much of a token's life is left, or 15 s, whichever is less. */
const refreshShare = 0.25
const refreshLeadMs = 15_000
const retryMs = 3000

/** The card with the access token's life. */
export interface TokenView {
  /** Shows new tokens, or hides what is about tokens. */
  show(tokens: Tokens | null): void
  /** Whether tokens are refreshed without asking. */
  refreshesByItself(): boolean
}

/** Puts life into the card. */
export function createTokenView(session: PageSession): TokenView {
  const automatic = byId<HTMLInputElement>('auto-refresh')
  const status = byId('token-status')
  const claims = byId('token-claims')
  let notBefore = 0
  let count = 0

  async function refresh(): Promise<void> {
    notBefore = Date.now() + retryMs
    const answer = await session.refresh()
    if (answer && !answer.ok) status.textContent = meaningOf(answer)
  }

  function tick(): void {
    const tokens = session.current()?.tokens
    if (!tokens) return
    const left = tokens.runsOutAt - Date.now()
    showTime(left, tokens.lifeMs)
    const due = left <= Math.min(refreshLeadMs, tokens.lifeMs * refreshShare)
    if (automatic.checked && due && Date.now() >= notBefore) void refresh()
  }

  setInterval(tick, 250)
  document.addEventListener('visibilitychange', tick)
  onClick('refresh', refresh)
  onClick('replay', () => session.replay())

  return {
    refreshesByItself: () => automatic.checked,
    show(tokens) {
      for (const id of ['card-token', 'token-details']) byId(id).hidden = tokens === null
      if (!tokens) return
      count = tokens.spentRefreshToken === null ? 0 : count + 1
      status.textContent = count === 0 ? 'Not refreshed yet.' : `Refreshed ${count === 1 ? 'once' : `${count} times`}.`
      byId<HTMLButtonElement>('replay').disabled = tokens.spentRefreshToken === null
      claims.textContent = JSON.stringify(readClaims(tokens.accessToken), null, 2)
      tick()
    },
  }
}

function showTime(leftMs: number, lifeMs: number): void {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  byId('countdown').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  byId('countdown-label').textContent = seconds > 0 ? 'until it runs out' : 'it has run out'
  const share = Math.min(1, Math.max(0, leftMs / lifeMs))
  const ring = byId('ring-left')
  ring.setAttribute('stroke-dasharray', `${(share * 100).toFixed(1)} 100`)
  ring.setAttribute('data-low', String(share < refreshShare))
}

/** For looking at, not for believing: only a server checks the signature. */
function readClaims(token: string): unknown {
  const payload = token.split('.')[1] ?? ''
  const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes))
}
