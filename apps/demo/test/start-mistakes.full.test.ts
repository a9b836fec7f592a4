import { expect, it } from 'vitest'
import { runDemo } from './demo-process.js'
import { newDataDir } from './deployments.js'

it.each<[env: Record<string, string>, message: RegExp]>([
  [{ DATABASE_URL: 'mysql://app:hunter2@localhost/x' }, /^DATABASE_URL must be like postgres:\/\/.*\n$/],
  [
    { DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/x' },
    /^cannot use the database at 127\.0\.0\.1:1\/x \(DATABASE_URL\): .*ECONNREFUSED.*\n$/,
  ],
  [
    { DATABASE_URL: 'postgres://app:hunter2@localhost:1/x' },
    /^cannot use the database at localhost:1\/x \(DATABASE_URL\): .*ECONNREFUSED.*\n$/,
  ],
  [
    { DATABASE_URL: 'postgres://app:hunter2@nowhere.invalid/x' },
    /^cannot use the database at nowhere\.invalid:5432\/x .*\n$/,
  ],
  [{ REDIS_URL: 'http://:hunter2@localhost' }, /^REDIS_URL must be like redis:\/\/.*\n$/],
  [{ REDIS_URL: 'redis+cluster://:hunter2@localhost' }, /^REDIS_URL must be like .*redis\+cluster:\/\/.*\n$/],
  [{ REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }, /^cannot use Redis at 127\.0\.0\.1:1 \(REDIS_URL\): .*ECONNREFUSED.*\n$/],
  [
    { REDIS_URL: 'redis+cluster://:hunter2@127.0.0.1:1,127.0.0.1:2' },
    /^cannot use Redis Cluster at 127\.0\.0\.1:1, 127\.0\.0\.1:2 \(REDIS_URL\): .*\n$/,
  ],
  [{ DATA_DIR: '/dev/null/data' }, /^cannot keep anything in DATA_DIR \/dev\/null\/data: .*ENOTDIR.*\n$/],
  [{ PORT: 'many' }, /^PORT must be a port\n$/],
  [{ ACCESS_TTL: 'soon', REGISTRATION: 'maybe' }, /^ACCESS_TTL .*\nREGISTRATION .*\n$/],
  [{ ACCESS_TTL: '2h' }, /tokens\.accessTtl/],
  [{ ISSUER: 'http://example.com' }, /issuer/],
  [{ AUTH_SECRET: 'short' }, /^AUTH_SECRET must be/],
  [{ DEMO_ADMIN_EMAIL: 'root@example.com' }, /go together/],
  [{ DEMO_CLIENT_ID: 'reports' }, /go together/],
  [
    { DEMO_CLIENT_ID: 'reports', DEMO_CLIENT_SECRET: 'x', DEMO_REDIRECT_URI: 'http://reports.example/cb' },
    /^DEMO_CLIENT_ID and its neighbours: redirectUris\.0 must be https/,
  ],
  [{ TRUSTED_PROXIES: 'everybody' }, /trustedProxies/],
])('says what is wrong with %j and ends', async (env, message) => {
  const run = runDemo({ PORT: '0', DATA_DIR: await newDataDir(), ...env })
  const code = await run.exit
  const { stderr } = run.output()
  expect(code).toBe(1)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/^\s+at |node_modules|hunter2/m)
})
