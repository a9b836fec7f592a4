/** What a password must not be: the owner's address, its first part, and their name. */
export function passwordContext(email: string, name: string | null): readonly string[] {
  const [localPart = email] = email.split('@', 1)
  return [localPart, email, ...(name ? [name] : [])]
}
