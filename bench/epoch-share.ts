// Where does the wall time of an epoch of `ddlf train` go: into the compiled step, or around it?
// Run: npm run bench epoch-share
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EvaluationEvent, TrainEvent } from '@ddlf/lab'
import { machine, median } from './alternate.ts'

const ddlf = fileURLToPath(new URL('../scripts/ddlf.mjs', import.meta.url))
const runs = mkdtempSync(join(tmpdir(), 'ddlf-bench-'))
const { stdout } = spawnSync(
  process.execPath,
  [ddlf, 'train', 'mlp-on-mnist', '--set', 'epochs=10', '--runs', runs, '--json'],
  { encoding: 'utf8', maxBuffer: 2 ** 28 },
)
rmSync(runs, { recursive: true })

const epochs = stdout
  .split('\n')
  .filter(Boolean)
  .map(line => JSON.parse(line) as TrainEvent)
  .filter((event): event is EvaluationEvent => event.kind === 'evaluation')
const percent = (share: number) => `${(100 * share).toFixed(1)} %`

console.log(`${machine()}; mlp-on-mnist with its default settings: 60,000 training and 10,000 test images an epoch\n`)
console.log('| epoch | seconds | in the training step | in the evaluation on the test set | waiting for the loader |')
console.log('| --- | --- | --- | --- | --- |')
for (const { epoch, seconds } of epochs) {
  console.log(`| ${epoch} | ${seconds.total.toFixed(2)} ` +
    `| ${[seconds.step, seconds.evaluation, seconds.loader].map(part => percent(part / seconds.total)).join(' | ')} |`)
}
const share = (part: (seconds: EvaluationEvent['seconds']) => number) =>
  percent(median(epochs.map(({ seconds }) => part(seconds) / seconds.total)))
console.log(`\nmedian share: training step ${share(s => s.step)}; training step and ` +
  `evaluation ${share(s => s.step + s.evaluation)}`)
console.log(`median share of the time outside evaluations: training ` +
  `step ${percent(median(epochs.map(({ seconds: s }) => s.step / (s.total - s.evaluation))))}`)
