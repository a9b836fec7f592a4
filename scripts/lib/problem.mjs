import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Something that whoever runs a script can put right. Printed as its message alone, without a stack. */
export class Problem extends Error {}

/**
 * Runs a script's body and turns its result into the process's exit code.
 * @param {() => Promise<number | void>} body Gives the exit code; nothing means 0.
 */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0
  } catch (error) {
    console.error(error instanceof Problem ? `✗ ${error.message}` : error)
    process.exitCode = 1
  }
}

/**
 * Whether a module is the program that Node was started with, and not imported by another.
 * @param {string} moduleUrl Its `import.meta.url`.
 */
export function isProgram(moduleUrl) {
  const program = process.argv[1]
  return program !== undefined && realpathSync(program) === fileURLToPath(moduleUrl)
}
