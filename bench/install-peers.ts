// Installs today's peers outside the project: PyTorch into a virtual environment in the cache folder, tfjs and
// jax-js beside the benchmarks.
// Run: npm run bench install-peers        (several GB: PyTorch brings its GPU libraries along)
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environmentFolder } from './peers/pytorch.ts'

function run(program: string, args: readonly string[], next: string): void {
  console.log(`$ ${[program, ...args].join(' ')}`)
  if (spawnSync(program, args, { stdio: 'inherit' }).status === 0) return
  console.error(`${program} failed.\n  Next: ${next}`)
  process.exit(1)
}

const folder = environmentFolder()
const python = join(folder, 'bin', 'python')
if (!existsSync(python))
  run('python3', ['-m', 'venv', folder], 'install Python 3 with its venv module (Debian: apt-get install python3-venv)')
run(
  python,
  ['-m', 'pip', 'install', '--upgrade', 'torch', 'numpy'],
  'check the connection to the package index and run this again',
)
run(
  process.platform === 'win32' ? 'npm.cmd' : 'npm',
  ['ci', '--prefix', fileURLToPath(new URL('.', import.meta.url))],
  'see the messages of npm above',
)
console.log(`PyTorch is in ${folder}; remove that folder when you no longer measure.`)
