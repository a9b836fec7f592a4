/** The last tokens that went over the wire. The client keeps its tokens to itself; this page shows what developer tools would. */
export interface SeenTokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** The one before, which is spent. */
  readonly spentRefreshToken: string | null
  readonly lifeMs: number
}

/** A `fetch` that looks on. */
export interface Wire {
  readonly fetch: typeof fetch
  seen(): SeenTokens | null
}

/** Makes one. */
export function createWire(): Wire {
  let seen: SeenTokens | null = null

  async function note(url: string, response: Response): Promise<void> {
    if (!response.ok || !/\/auth\/(register|login|refresh)$/.test(url)) return
    const { accessToken, refreshToken, expiresIn } = (await response.clone().json()) as Record<string, unknown> // As documented.
    const spentRefreshToken = url.endsWith('/refresh') ? (seen?.refreshToken ?? null) : null
    seen = {
      accessToken: String(accessToken),
      refreshToken: String(refreshToken),
      spentRefreshToken,
      lifeMs: Number(expiresIn) * 1000,
    }
  }

  return {
    seen: () => seen,
    async fetch(input, init) {
      const response = await fetch(input, init)
      await note(input instanceof Request ? input.url : String(input), response)
      return response
    },
  }
}
