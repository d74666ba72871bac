// Everything that `npm test` means: lint, types, and the unit, parity and end-to-end suites.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

if (process.argv.includes('--help')) {
  console.log(`npm test                              lint, types and all tests
npm test -- packages/nn               lint, types and the tests of a folder or file
npx vitest run test/memo.test.ts      only tests, at once`)
  process.exit(0)
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const steps = [
  ['lint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']],
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ['types of what runs in a Web Worker', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.portable.json']],
  ['types of the site', ['node_modules/typescript/bin/tsc', '-p', 'packages/site/tsconfig.json']],
  ['tests', ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]],
]
for (const [title, args] of steps) {
  const started = performance.now()
  console.log(`\n== ${title}`)
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`\n== ${title}: failed`)
    process.exit(status ?? 1)
  }
  console.log(`== ${title}: passed in ${((performance.now() - started) / 1000).toFixed(0)} s`)
}
