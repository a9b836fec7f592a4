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
