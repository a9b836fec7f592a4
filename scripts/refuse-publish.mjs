// Every package's `prepublishOnly`: the names belong to another project on the public registry.
console.error(
  'Refused: these packages are not for publishing. @auth/core and @auth/express on the public registry are Auth.js.',
)
process.exitCode = 1
