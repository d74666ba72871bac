// A program of its own, so that a build does not hold a compiler in memory: writes the reference as JSON.
// Run: node --import tsx write-reference.ts <folder of the repository> <file>
import { writeFileSync } from 'node:fs'
import { extractReference } from './extract.ts'

const [root = '.', file = 'reference.json'] = process.argv.slice(2)
writeFileSync(file, JSON.stringify(await extractReference(root)))
