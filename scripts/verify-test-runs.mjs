// By hand: runs tests, keeps every run that they make (also those that they remove behind them), and verifies them all.
// What tests damage on purpose is wrong: it is listed by test, to be looked through.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { register } from 'tsx/esm/api'

if (process.argv.includes('--help')) {
  console.log(`node scripts/verify-test-runs.mjs                           all tests
node scripts/verify-test-runs.mjs packages/lab/test/runs    those of a folder or file

With --json the findings alone, as JSON. The exit status is that of the tests: runs that tests damage on purpose are
wrong.`)
  process.exit(0)
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const keep = mkdtempSync(join(tmpdir(), 'ddlf-kept-'))
const preload = `--require ${JSON.stringify(join(root, 'scripts', 'keep-runs.cjs'))}`
const json = process.argv.includes('--json')
const tests = process.argv.slice(2).filter(word => word !== '--json')
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...tests], {
  cwd: root,
  stdio: json ? ['ignore', 'ignore', 'inherit'] : 'inherit',
  env: { ...process.env, KEEP_RUNS: keep, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${preload}`.trim() },
})

register()
const { runPlaces, verifyRun } = await import('@ddlf/lab/node')

/** What a run of a test came to: its findings, or why it could not be read at all. */
function verified(run) {
  try {
    const { sound, status: found, files } = verifyRun(run)
    return { sound, status: found, wrong: files.filter(({ state }) => state === 'wrong') }
  } catch (error) {
    return {
      sound: false,
      status: null,
      wrong: [{ file: '.', said: error instanceof Error ? error.message : String(error) }],
    }
  }
}

const results = readdirSync(keep).flatMap(name => {
  const made = JSON.parse(readFileSync(join(keep, name, 'test.json'), 'utf8'))
  return runPlaces(join(keep, name, 'runs')).map(run => ({
    ...made,
    run: `${run.experiment}/${run.id}`,
    ...verified(run),
  }))
})
rmSync(keep, { recursive: true, force: true })
const wrong = results.filter(({ sound }) => !sound)
if (json) console.log(JSON.stringify({ verified: results.length, wrong }, null, 2))
else {
  console.log(
    `\n${results.length} runs of the tests verified: ${results.length - wrong.length} sound, ${wrong.length} not.`,
  )
  const byTest = new Map()
  for (const one of wrong) {
    const key = `${one.file}: ${one.test}`
    byTest.set(key, [...(byTest.get(key) ?? []), one])
  }
  for (const [test, runs] of byTest) {
    console.log(`\n${test}`)
    for (const { run, wrong: findings } of runs)
      console.log(`  ${run}: ${findings.map(({ file, said }) => `${file}: ${said}`).join('; ').slice(0, 300)}`)
  }
}
process.exitCode = status === 0 ? 0 : 1
