import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readImports } from './lib/imports.mjs'

it('what verifies tokens in a service of its own is built with jose beside it and nothing else', () => {
  const built = readFileSync(new URL('../packages/core/dist/verify.js', import.meta.url), 'utf8')
  expect(readImports('verify.js', built).map(({ specifier }) => specifier)).toEqual(['jose'])
  expect(built).not.toMatch(/\bimport\(|\bprocess\.|\bBuffer\b/)
})
