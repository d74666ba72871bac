// Everything that `npm test` means: lint, types, and the unit, parity and end-to-end suites.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

if (process.argv.includes('--help')) {
  console.log(`npm test                              lint, types and all tests
npm test -- packages/nn               lint, types and the tests of a folder or file
npx vitest run test/memo.test.ts      only tests, at once`)
  process.exit(0)
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = 'node_modules/typescript/bin/tsc'
const checks = [
  [['lint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']]],
  [
    ['types', [tsc, '-p', 'tsconfig.json']],
    ['types of what runs in a Web Worker', [tsc, '-p', 'tsconfig.portable.json']],
    ['types of the site', [tsc, '-p', 'packages/site/tsconfig.json']],
  ],
]

const running = new Set()
process.on('exit', () => running.forEach(child => child.kill()))

/** Runs a step; beside another its output appears at its end. Ends the process where it fails. */
async function run([title, args], beside = false) {
  const started = performance.now()
  if (!beside) console.log(`\n== ${title}`)
  const child = spawn(process.execPath, args, { cwd: root, stdio: beside ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
  running.add(child)
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', part => said.push(part))
  const status = await new Promise(resolve => child.on('close', resolve))
  running.delete(child)
  if (beside) process.stdout.write(`\n== ${title}\n${Buffer.concat(said).toString()}`)
  if (status !== 0) {
    console.error(`\n== ${title}: failed`)
    process.exit(status ?? 1)
  }
  console.log(`== ${title}: passed in ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

console.log('== lint beside types (about two minutes)')
await Promise.all(
  checks.map(async steps => {
    for (const step of steps) await run(step, true)
  }),
)
await run(['tests', ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]])
