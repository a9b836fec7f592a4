import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asymmetricKeyFormat } from './asymmetric-key-format.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')

const pem = (key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8' | 'sec1'): string =>
  key.export({ type, format: 'pem' } as never).toString()
const der = (key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8' | 'sec1'): Buffer =>
  key.export({ type, format: 'der' } as never) as unknown as Buffer

const field = (bytes: Buffer | string): Buffer => {
  const body = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
const jwkOf = (key: KeyObject): Record<string, string> => key.export({ format: 'jwk' }) as Record<string, string>
const sshRsa = Buffer.concat([
  field('ssh-rsa'),
  field(Buffer.from(jwkOf(rsa.publicKey).e ?? '', 'base64url')),
  field(Buffer.concat([Buffer.from([0]), Buffer.from(jwkOf(rsa.publicKey).n ?? '', 'base64url')])),
])
const sshEd = Buffer.concat([field('ssh-ed25519'), field(Buffer.from(jwkOf(ed.publicKey).x ?? '', 'base64url'))])
const sshEc = Buffer.concat([field('ecdsa-sha2-nistp256'), field('nistp256'), field(Buffer.alloc(65, 4))])

const texts: Record<string, string> = {
  'SPKI PEM, RSA': pem(rsa.publicKey, 'spki'),
  'SPKI PEM, EC': pem(ec.publicKey, 'spki'),
  'SPKI PEM, Ed25519': pem(ed.publicKey, 'spki'),
  'PKCS#1 PEM': pem(rsa.publicKey, 'pkcs1'),
  'PKCS#1 private PEM': pem(rsa.privateKey, 'pkcs1'),
  'PKCS#8 PEM': pem(rsa.privateKey, 'pkcs8'),
  'SEC1 PEM': pem(ec.privateKey, 'sec1'),
  'a certificate': '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n',
  'PGP armour': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n-----END PGP PUBLIC KEY BLOCK-----',
  SSH2: '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----',
  'a PEM body alone': der(rsa.publicKey, 'spki').toString('base64'),
  'a PEM body in lines': pem(rsa.publicKey, 'spki').split('\n').slice(1, -2).join('\n'),
  'OpenSSH, RSA': `ssh-rsa ${sshRsa.toString('base64')} ada@example.com`,
  'OpenSSH, Ed25519': `ssh-ed25519 ${sshEd.toString('base64')}`,
  'OpenSSH, ECDSA': `ecdsa-sha2-nistp256 ${sshEc.toString('base64')} ada`,
  'authorized_keys with options': `command="ls",no-pty ssh-ed25519 ${sshEd.toString('base64')} ada`,
  'JWK JSON': JSON.stringify(jwkOf(rsa.publicKey)),
  'JWK JSON, indented': JSON.stringify(jwkOf(ec.publicKey), null, 2),
  'JWK set': JSON.stringify({ keys: [jwkOf(ed.publicKey)] }),
  XML: '<RSAKeyValue><Modulus>4Z</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>',
}

const dressings: Record<string, (text: string) => Buffer> = {
  'as it is': (text) => Buffer.from(text),
  'after a newline': (text) => Buffer.from(`\n${text}`),
  'after blanks and tabs': (text) => Buffer.from(` \t\r\n ${text}`),
  'after a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
  'without its last newline': (text) => Buffer.from(text.trimEnd()),
  'after a comment': (text) => Buffer.from(`# my key\n${text}`),
  'in UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'with CRLF': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
}

describe('asymmetricKeyFormat', () => {
  const cases = Object.entries(texts).flatMap(([name, text]) =>
    Object.entries(dressings).map(([how, dress]) => [name, how, dress(text)] as const),
  )
  it.each(cases)('JT-03 CVE-2023-48223 CVE-2026-34950 CVE-2022-29217 knows %s %s', (_, __, bytes) => {
    expect(asymmetricKeyFormat(bytes)).not.toBeNull()
  })

  it.each([
    ['SPKI, RSA', der(rsa.publicKey, 'spki')],
    ['SPKI, EC', der(ec.publicKey, 'spki')],
    ['SPKI, Ed25519', der(ed.publicKey, 'spki')],
    ['PKCS#1', der(rsa.publicKey, 'pkcs1')],
    ['PKCS#8', der(rsa.privateKey, 'pkcs8')],
    ['SEC1', der(ec.privateKey, 'sec1')],
    ['SPKI and a newline', Buffer.concat([der(createPublicKey(rsa.privateKey), 'spki'), Buffer.from('\n')])],
    ['SPKI after a newline', Buffer.concat([Buffer.from('\n'), der(ec.publicKey, 'spki')])],
    ['SSH, RSA', sshRsa],
    ['SSH, Ed25519', sshEd],
  ])('JT-03 knows the binary form of %s', (_, bytes) => {
    expect(asymmetricKeyFormat(bytes)).not.toBeNull()
  })

  it('JT-03 takes no secret for a key: random bytes and random text of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(asymmetricKeyFormat(bytes)).toBeNull()
        expect(asymmetricKeyFormat(Buffer.from(Buffer.from(bytes).toString('base64')))).toBeNull()
      }),
      { numRuns: 3000 },
    )
    for (const text of [
      '',
      ' \n',
      'a plain passphrase of some length, {braces} and -- dashes',
      '0'.repeat(64),
      '{"a":1}',
      '{',
    ]) {
      expect(asymmetricKeyFormat(Buffer.from(text))).toBeNull()
    }
  })
})
