import { describe, expect, it } from 'vitest'
import { checkChangesets } from './lib/changesets.mjs'
import { checkLockfiles, checkManifests, checkPnpm, checkReferences } from './repository.mjs'

const files = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries))

describe('checkReferences', () => {
  it.each([
    ['a path of one machine', ['const data = "', 'work', 'main"'].join('/'), /^a\.ts:2 names a place on one machine/],
    ['a page from elsewhere', `see ${'contract'.toUpperCase()}.md`, /^a\.ts:2 refers to a page/],
  ])('finds %s', (_what, line, problem) => {
    expect(checkReferences(files({ 'a.ts': `fine\n${line}` }))).toEqual([expect.stringMatching(problem)])
  })

  it('accepts addresses and relative paths', () => {
    const text = ['https://example.com', 'work', '1, .', 'work', '1, docs', 'design.md'].join('/')
    expect(checkReferences(files({ 'a.ts': text }))).toEqual([])
  })
})

describe('checkLockfiles', () => {
  const sound = {
    'pnpm-lock.yaml': 'resolution: {integrity: sha512-x}',
    'scripts/pnpm/package-lock.json': '{ "funding": { "url": "https://a.example" } }',
  }

  it('accepts digests alone', () => {
    expect(checkLockfiles(files(sound))).toEqual([])
  })

  it.each([
    ['pnpm-lock.yaml', 'resolution: {tarball: https://a.example/x.tgz}'],
    ['scripts/pnpm/package-lock.json', '"resolved": "https://a.example/x.tgz"'],
  ])('finds an address in %s', (path, line) => {
    expect(checkLockfiles(files({ ...sound, [path]: line }))).toEqual([`${path}:1 names a registry or a tarball`])
  })
})

describe('checkManifests', () => {
  const scripts = { prepublishOnly: 'node ../../scripts/refuse-publish.mjs' }
  const core = {
    path: 'packages/core',
    kind: 'packages' as const,
    manifest: { name: '@auth/core', version: '1.0.0-sdk.3', private: true, scripts },
  }
  const express = {
    name: '@auth/express',
    version: '1.0.0-sdk.3',
    private: true,
    scripts,
    dependencies: { '@auth/core': 'workspace:*' },
  }
  const check = (change: object) =>
    checkManifests([core, { path: 'packages/express', kind: 'packages', manifest: { ...express, ...change } }])

  it('accepts one version, private, linked', () => {
    expect(check({})).toEqual([])
  })

  it.each([
    ['a package that could be published', { private: false }, /is not private/],
    ['a package without the refusal', { scripts: {} }, /does not refuse to be published/],
    ['another version', { version: '1.0.0-sdk.4' }, /has version 1\.0\.0-sdk\.4, another has/],
    ['a version that could be somebody else’s', { version: '1.0.0' }, /only an -sdk\.N/],
    ['a range where a link belongs', { dependencies: { '@auth/core': '^1.0.0' } }, /instead of workspace:\*/],
  ])('finds %s', (_what, change, problem) => {
    expect(check(change)).toContainEqual(expect.stringMatching(problem))
  })
})

describe('checkPnpm', () => {
  it('finds two versions of pnpm', () => {
    const pin = { 'scripts/pnpm/package.json': '{ "dependencies": { "pnpm": "10.0.0" } }' }
    expect(checkPnpm(files({ ...pin, 'package.json': '{ "packageManager": "pnpm@10.0.0" }' }))).toEqual([])
    expect(checkPnpm(files({ ...pin, 'package.json': '{ "packageManager": "pnpm@10.0.1" }' }))).toHaveLength(1)
  })
})

describe('checkChangesets', () => {
  const sound = {
    '.changeset/config.json': '{ "fixed": [["@auth/*"]], "access": "restricted" }',
    '.changeset/pre.json': '{ "mode": "pre", "tag": "sdk" }',
    '.changeset/kind-words.md': '---\n"@auth/core": minor\n---\n\nBetter.\n',
  }
  const check = (change: Record<string, string>) => checkChangesets(files({ ...sound, ...change }), ['@auth/core'])

  it('accepts what the tool would accept', () => {
    expect(check({})).toEqual([])
  })

  it.each([
    ['packages with versions of their own', { '.changeset/config.json': '{ "access": "restricted" }' }, /share one version/],
    [
      'public access',
      { '.changeset/config.json': '{ "fixed": [["@auth/*"]], "access": "public" }' },
      /nothing is published/,
    ],
    ['an end of the pre-releases', { '.changeset/pre.json': '{ "mode": "exit", "tag": "sdk" }' }, /stay at -sdk\.N/],
    [
      'a package that is not known',
      { '.changeset/kind-words.md': '---\n"@auth/cor": minor\n---\n\nBetter.\n' },
      /@auth\/cor is no package/,
    ],
    [
      'an unknown kind',
      { '.changeset/kind-words.md': '---\n"@auth/core": tiny\n---\n\nBetter.\n' },
      /tiny is no kind of change/,
    ],
    ['a change without words', { '.changeset/kind-words.md': '---\n"@auth/core": minor\n---\n' }, /and a text/],
  ])('finds %s', (_what, change, problem) => {
    expect(check(change as Record<string, string>)).toEqual([expect.stringMatching(problem)])
  })
})
