/** Somebody's account, as the routes tell it. */
export interface ActionUser {
  /** A UUID. */
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string | null
  readonly roles: readonly string[]
  /** ISO 8601, in UTC. */
  readonly createdAt: string
}

/** Why something was refused (RFC 9457), as the routes tell it. */
export interface ActionProblem {
  readonly type: string
  readonly title: string
  readonly status: number
  /** Stable: decide by it. */
  readonly code: string
  readonly detail?: string
  /** What of the fields is wrong; `path` is dotted. */
  readonly issues?: readonly { readonly path: string; readonly code: string; readonly message: string }[]
}

/** What an action that was refused answers. Plain data, for `useActionState`. */
export interface ActionRefusal {
  readonly ok: false
  readonly problem: ActionProblem
}

/** What signing in or up answers. `user` is `null` where a mail has to be answered first. */
export interface ActionSignedIn {
  readonly ok: true
  readonly user: ActionUser | null
}

/** What signing out answers. */
export interface ActionDone {
  readonly ok: true
}

/** Who signs in. */
export interface LoginFields {
  readonly email: string
  readonly password: string
}

/** Who signs up. */
export interface RegisterFields extends LoginFields {
  readonly name?: string
}

/** What follows a success. */
export interface ActionOptions {
  /** Path to go to, on the same origin; anything else is `/`. Left out, the action answers. */
  readonly redirectTo?: string
}

/** What server actions call. Forms give `email`, `password` and `name`; other fields of theirs are not looked at. */
export interface AuthActions {
  /** Makes an account, and signs in where registration is open. */
  register(fields: RegisterFields | FormData, options?: ActionOptions): Promise<ActionSignedIn | ActionRefusal>
  /** Signs in. */
  login(fields: LoginFields | FormData, options?: ActionOptions): Promise<ActionSignedIn | ActionRefusal>
  /** Signs out: the session ends, its cookie goes. */
  logout(options?: ActionOptions): Promise<ActionDone | ActionRefusal>
}
