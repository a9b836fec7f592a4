import { accessSync, constants, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { cache } from './paths.mjs'

/** @param {string} path */
function writable(path) {
  const existing = existsSync(path) ? path : dirname(path)
  try {
    accessSync(existing, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The environment for tools: no telemetry, no questions, and a home of the checkout's own where the user's cannot be written.
 * @param {readonly string[]} [path] Directories to look for programs in first.
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(path = []) {
  const environment = {
    ...process.env,
    CI: 'true',
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    npm_config_update_notifier: 'false',
    PATH: [...path, process.env.PATH].filter(Boolean).join(delimiter),
  }
  const home = homedir()
  if (writable(home)) return environment
  return {
    ...environment,
    HOME: join(cache, 'home'),
    XDG_CACHE_HOME: join(cache, 'home', '.cache'),
    XDG_CONFIG_HOME: join(cache, 'home', '.config'),
    XDG_DATA_HOME: join(cache, 'home', '.local', 'share'),
    // The settings in the user's own home still hold: they may name a registry.
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(home, '.npmrc'),
    npm_config_cache: join(cache, 'home', '.npm'),
  }
}
