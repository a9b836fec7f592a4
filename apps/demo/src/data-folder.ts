import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { StartError } from './start-error.js'
import { reasonOf } from './storage/problem.js'

/** Makes the data folder, for its owner alone, where it is not there. @throws StartError where nothing can be kept in it */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartError(`cannot keep anything in DATA_DIR ${path}: ${reasonOf(error)}`)
  }
}
