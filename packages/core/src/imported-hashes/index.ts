export { type ImportedHashesOptions, importedHashes, isImportableHash } from './imported-hashes.js'
