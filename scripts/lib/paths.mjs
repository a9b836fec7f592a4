import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root, without a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')

/** Where everything that may be deleted at any time is kept. */
export const cache = join(root, '.cache')
