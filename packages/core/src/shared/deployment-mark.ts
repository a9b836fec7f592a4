/** Says which deployment a database belongs to, so that a process that lacks one of a deployment's stores is noticed. */
export interface DeploymentMark {
  /** Keeps the first value it is ever given under a name, and answers the one it keeps. Of N racers all get the same answer. */
  claim(name: string, value: string): Promise<string>
}

/** What every store has. */
export interface StoreBase {
  /** The mark of the database behind the store; `null` where it has no place for one. */
  readonly deployment: DeploymentMark | null
}
