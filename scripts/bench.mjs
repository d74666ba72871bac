// Runs one benchmark of bench/: npm run bench mlp-step
import { existsSync, readdirSync } from 'node:fs'
import { register } from 'tsx/esm/api'

const [name = ''] = process.argv.slice(2)
const file = new URL(`../bench/${name}.ts`, import.meta.url)
if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) {
  const names = readdirSync(new URL('../bench/', import.meta.url))
    .filter(f => f.endsWith('.ts') && f !== 'alternate.ts')
    .map(f => f.slice(0, -3))
  console.error(`There is no benchmark of this name.\n  Received: ${name || 'nothing'}\n  Next: npm run bench ` +
    `<name>, with one of: ${names.join(', ')}`)
  process.exit(1)
}
register()
await import(file.href)
