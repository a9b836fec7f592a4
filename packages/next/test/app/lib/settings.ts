import type { HttpAppSettings } from '@auth/core/testing'

/** What the test built or started this app with. */
export function settings(): HttpAppSettings {
  // Written by the test as the kit gave it.
  return JSON.parse(process.env.APP_SETTINGS ?? '{}') as HttpAppSettings
}
