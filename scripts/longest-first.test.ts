import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { longest, longestFirst } from './lib/longest-first.js'
import { root } from './lib/paths.mjs'

it('knows files that there are', () => {
  expect(longest.filter((file) => !existsSync(join(root, file)))).toEqual([])
  expect(new Set(longest).size).toBe(longest.length)
})

it('puts the longest first, and leaves the others as they are', () => {
  const [first = '', second = ''] = longest
  const files = ['b.test.ts', second, 'a.test.ts', first, second].map((file) => ({ moduleId: join(root, file) }))
  const names = longestFirst(files).map(({ moduleId }) => moduleId.slice(root.length + 1))
  expect(names).toEqual([first, second, second, 'b.test.ts', 'a.test.ts'])
})
