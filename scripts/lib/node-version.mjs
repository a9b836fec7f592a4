import { Problem } from './problem.mjs'

/**
 * Throws where this Node is too old for the packages, their tests or their tools.
 * @param {string} version As in `process.versions.node`.
 */
export function requireNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const known = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24
  if (!known) throw new Problem(`Node ${version} is too old: Node 20.19, 22.12 or 24 or newer is needed.`)
}
