import { ConfigError, type ConfigProblem } from './errors.js'
import type { DeploymentMark } from './shared/deployment-mark.js'
import { randomUuid } from './shared/random.js'
import type { AuthStores } from './stores.js'

/**
 * Makes sure that all processes of a deployment use the same stores. One database is home: it keeps the deployment's
 * id and which stores live elsewhere. A process that has one of them in another place, or brings one of another
 * deployment, is refused. What this cannot tell: that a store lives in the memory of each process, for a process that was
 * started anew looks the same; and that a process was given no store at all for a feature that it then does not have.
 * @throws ConfigError, StoreError
 */
export async function checkDeployment(stores: AuthStores): Promise<void> {
  const home = stores.signingKeys?.deployment ?? stores.users.deployment
  if (!home) return
  const id = await home.claim('deployment', randomUuid())
  const problems: ConfigProblem[] = []
  for (const [name, { deployment }] of Object.entries(stores) as [string, { deployment: DeploymentMark | null }][]) {
    if (!deployment) continue
    const place = deployment === home ? 'home' : 'elsewhere'
    if ((await home.claim(`place.${name}`, place)) !== place) {
      problems.push({ path: `stores.${name}`, message: 'is in another database for the other processes of this deployment' })
    } else if (deployment !== home && (await deployment.claim('deployment', id)) !== id) {
      problems.push({ path: `stores.${name}`, message: 'belongs to another deployment' })
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
}
