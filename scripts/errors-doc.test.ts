import { describe, expect, it } from 'vitest'
import { errorNotes } from './error-notes.mjs'
import { readRefusals, renderErrors } from './errors-doc.mjs'

const note = { cause: 'It happens.', remedy: 'Look.', client: 'Wait.' }

describe('renderErrors', () => {
  it('describes every code that there is', async () => {
    const refusals = await readRefusals()
    const page = renderErrors(refusals, errorNotes)
    expect(Object.keys(refusals).length).toBeGreaterThan(30)
    for (const code of Object.keys(refusals)) expect(page).toContain(`### \`${code}\``)
    expect(page).toMatch(/`token_expired`[^#]*Refresh[^#]*sign in again/)
  })

  it('refuses a code without a note', () => {
    expect(() => renderErrors({ new_code: { status: 400, title: 'New' } }, {})).toThrow(/no note on new_code/)
  })

  it('refuses a note without a code', () => {
    expect(() => renderErrors({}, { gone: note })).toThrow(/do not exist: gone/)
  })

  it('orders by status', () => {
    const page = renderErrors(
      { late: { status: 503, title: 'Late' }, early: { status: 400, title: 'Early' } },
      { late: note, early: note },
    )
    expect(page.indexOf('## 400\n\n### `early`')).toBeLessThan(page.indexOf('## 503\n\n### `late`'))
  })
})
