import { describe, expect, it } from 'vitest'
import { parsePostgresUrl, parseRedisUrl } from '../src/storage/addresses.js'

describe('DATABASE_URL', () => {
  it.each([
    ['postgres://app:secret@db.example.com/app', 'db.example.com:5432/app'],
    ['postgresql://db:6543/app?sslmode=require', 'db:6543/app'],
    ['postgres:///app?host=/run/postgresql', 'this machine/app'],
    ['postgres://app:secret@[::1]:5432/app', '[::1]:5432/app'],
  ])('%s is a database', (url, label) => expect(parsePostgresUrl(url)).toEqual({ url, label }))

  it.each(['mysql://db/app', 'db:5432', 'postgres', 'postgres://db:many/app', 'redis://db', ''])('%s is none', (text) =>
    expect(parsePostgresUrl(text)).toBeNull(),
  )
})

describe('REDIS_URL', () => {
  it.each([
    ['redis://cache', 'Redis at cache:6379'],
    ['redis://app:secret@cache:6380/2', 'Redis at cache:6380'],
    ['rediss://cache', 'Redis at cache:6379'],
  ])('%s is a server', (url, label) => expect(parseRedisUrl(url)).toEqual({ target: url, label }))

  it.each([
    ['redis+cluster://a:7000', { nodes: [{ host: 'a', port: 7000 }] }, 'Redis Cluster at a:7000'],
    [
      'redis+cluster://app:p%40ss@a:7000,[::1]:7001/',
      {
        nodes: [
          { host: 'a', port: 7000 },
          { host: '::1', port: 7001 },
        ],
        username: 'app',
        password: 'p@ss',
      },
      'Redis Cluster at a:7000, ::1:7001',
    ],
    [
      'redis+cluster://:secret@a:7000',
      { nodes: [{ host: 'a', port: 7000 }], password: 'secret' },
      'Redis Cluster at a:7000',
    ],
  ])('%s is a cluster', (url, target, label) => expect(parseRedisUrl(url)).toEqual({ target, label }))

  it.each([
    'redis+cluster://',
    'redis+cluster://a',
    'redis+cluster://a:7000,',
    'redis+cluster://a:7000,,b:7001',
    'redis+cluster://a:7000, b:7001',
    'redis+cluster://a:70000',
    'redis+cluster://a:7000/1',
    'redis+cluster://a:b:c',
    'redis+cluster://p%zz@a:7000',
    'redis:///0',
    'redis://cache/sessions',
    'cache:6379',
    'http://cache',
  ])('%s is neither', (text) => expect(parseRedisUrl(text)).toBeNull())
})
