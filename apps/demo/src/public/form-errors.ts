import type { Answer } from './http.js'
import { meaningOf, meaningOfIssue } from './messages.js'

/** Removes what was said about the last attempt. */
export function clearErrors(form: HTMLFormElement): void {
  for (const error of form.querySelectorAll('.error')) error.textContent = ''
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
}

/** Says at each field what is wrong with it, and the rest at the form's foot; the first field in need gets the focus. */
export function showErrors(form: HTMLFormElement, answer: Answer): void {
  const general = form.querySelector('.form-error')
  const invalid: HTMLInputElement[] = []
  for (const issue of answer.issues) {
    // What is wrong with one entry of a list is said of the list.
    const field = issue.path.replace(/\.\d+$/, '')
    const place = form.querySelector(`[data-error="${CSS.escape(field)}"]`)
    const input = form.elements.namedItem(field)
    if (place) place.textContent = meaningOfIssue(issue)
    if (!(input instanceof HTMLInputElement)) continue
    input.setAttribute('aria-invalid', 'true')
    invalid.push(input)
  }
  if (general && invalid.length === 0) general.textContent = meaningOf(answer)
  invalid[0]?.focus()
}
