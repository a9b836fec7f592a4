import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { root } from './paths.mjs'

/**
 * The longest files of a full run, the longest first. Vitest takes one project's files after another's, and in a new checkout the
 * larger ones first: a file that takes minutes may then come last, and one worker works while the others are done.
 */
export const longest: readonly string[] = [
  'scripts/consumers.full.test.ts',
  'apps/deployment-tests/test/crashes.full.test.ts',
  'scripts/next-apps.full.test.ts',
  'packages/core/test/login-timing.full.test.ts',
  'apps/next-demo/test/next-15.full.test.ts',
  'apps/deployment-tests/test/races.full.test.ts',
  'packages/redis/test/conformance.test.ts',
  'apps/next-demo/test/pages.full.test.ts',
  'apps/demo/test/account-life.full.test.ts',
  'apps/demo/test/roles-page.full.test.ts',
  'apps/deployment-tests/test/oauth.full.test.ts',
  'apps/demo/test/curl.full.test.ts',
  'apps/demo/test/attempts-page.full.test.ts',
  'packages/client/test/tabs.full.test.ts',
  'packages/kysely/test/conformance.test.ts',
  'packages/next/test/app.full.test.ts',
  'apps/demo/test/keys-page.full.test.ts',
  'packages/kysely/test/settings.full.test.ts',
  'packages/kysely/test/scale.full.test.ts',
  'apps/demo/test/joining.full.test.ts',
  'apps/demo/test/deployment.test.ts',
  'scripts/types.full.test.ts',
  'apps/deployment-tests/test/mails.full.test.ts',
  'packages/redis/test/topologies.full.test.ts',
  'apps/deployment-tests/test/redis-outages.full.test.ts',
  'apps/deployment-tests/test/postgres-outages.full.test.ts',
]

/** Puts the longest files first, and leaves the others in their order. */
export function longestFirst<File extends { readonly moduleId: string }>(files: readonly File[]): File[] {
  const place = ({ moduleId }: File): number => {
    const found = longest.indexOf(relative(root, moduleId))
    return found < 0 ? longest.length : found
  }
  return [...files].sort((a, b) => place(a) - place(b))
}

/** Hands the longest files to the workers first, so that short ones fill the end of the run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files))
  }
}
