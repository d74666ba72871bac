// How much of a full search successive halving needs: mlp-on-mnist, six parameters, 100 trials of 10 epochs, six seeds.
// It runs in parts: studies and runs are kept in the folder DDLF_BENCH_OUT (default: in that for temporary files) and
// gone on with. DDLF_BENCH_SECONDS ends a part after so long, DDLF_BENCH_SEEDS is the number of seeds,
// DDLF_BENCH_TRIALS of trials, DDLF_BENCH_JOBS of trials at once.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { experiments } from '@ddlf/course'
import { bootstrapInterval, mean, spentBudget, standing, type Trial } from '@ddlf/lab'
import { confirmStudy, defaultJobs, openTuning, readStudy, runTuning, studyFolder, trainingPool } from '@ddlf/lab/node'

const SEEDS = Number(process.env['DDLF_BENCH_SEEDS'] ?? 6)
const TRIALS = Number(process.env['DDLF_BENCH_TRIALS'] ?? 100)
const JOBS = Number(process.env['DDLF_BENCH_JOBS'] ?? defaultJobs())
const OUT = process.env['DDLF_BENCH_OUT'] ?? path.join(tmpdir(), 'ddlf-recorded-study')
const SECONDS = Number(process.env['DDLF_BENCH_SECONDS'] ?? Infinity)
/** What the two may differ by, in shares of the validation examples. */
const CLOSE = 0.001
const MOST_EPOCHS = 0.3

const [studies, runs] = [path.join(OUT, 'studies'), path.join(OUT, 'runs')]
const experimentsModule = import.meta.resolve('@ddlf/course')
const until = performance.now() + 1000 * SECONDS
const SPACE = [
  'learningRate=log:0.001..1',
  'batchSize=choice:16,32,64,128,256',
  'weightDecay=log:1e-6..1e-2',
  'dropout=float:0..0.5',
  'hidden.0=logint:32..512',
  'hidden.1=logint:16..256',
]

const nameOf = (kind: 'full' | 'halving', seed: number) => `${kind}-${seed}`

/** Goes on with a study. @returns whether it is done */
async function goOn(kind: 'full' | 'halving', seed: number): Promise<boolean> {
  const left = (until - performance.now()) / 1000
  if (left <= 0) return false
  const tuning = openTuning({
    experiments,
    experiment: 'mlp-on-mnist',
    study: nameOf(kind, seed),
    studies,
    space: SPACE,
    seed,
    objectives: ['error'],
    set: ['epochs=10'],
    sampler: 'random',
    pruner: kind === 'full' ? 'none' : 'successive-halving',
  })
  try {
    const { reason } = await runTuning({
      tuning,
      experimentsModule,
      runs,
      jobs: JOBS,
      budget: { trials: TRIALS, ...(Number.isFinite(left) && { timeout: left }) },
      onEvent: event => {
        if (event.kind === 'end')
          console.error(
            `${new Date().toISOString().slice(11, 19)} ${nameOf(kind, seed)} trial ${event.number}: ${event.state}`,
          )
      },
    })
    return reason === 'budget'
  } finally {
    tuning.close()
  }
}

/** The best validation error of a study's complete trials, and its epochs. */
function outcome(kind: 'full' | 'halving', seed: number): { best: number; epochs: number; trials: number } | undefined {
  if (!existsSync(path.join(studyFolder(studies, nameOf(kind, seed)), 'journal.jsonl'))) return undefined
  const { trials, best } = readStudy(studies, nameOf(kind, seed))
  const over = standing(trials).filter(({ state }: Trial) => state !== 'running').length
  return { best: best?.values?.[0] ?? Number.NaN, epochs: spentBudget(trials).epochs, trials: over }
}

let complete = true
for (let seed = 1; seed <= SEEDS; seed++)
  for (const kind of ['halving', 'full'] as const) complete = (await goOn(kind, seed)) && complete

const percent = (share: number) => `${(100 * share).toFixed(2)} %`
const state = complete ? '' : ', not all done: run it again to go on'
console.log(`${TRIALS} random trials of 10 epochs, ${SEEDS} seeds${state}; kept in ${OUT}\n`)
const HEAD = [
  'seed',
  'full search: best error',
  'epochs',
  'halving: best error',
  'epochs',
  'share',
  'within 0.1 points',
]
console.log(`| ${HEAD.join(' | ')} |\n|${' --- |'.repeat(HEAD.length)}`)
const within: boolean[] = []
for (let seed = 1; seed <= SEEDS; seed++) {
  const [full, halving] = [outcome('full', seed), outcome('halving', seed)]
  if (!full || !halving || full.trials < TRIALS || halving.trials < TRIALS) continue
  const share = halving.epochs / full.epochs
  within.push(halving.best - full.best <= CLOSE && share <= MOST_EPOCHS)
  const cells = [percent(full.best), full.epochs, percent(halving.best), halving.epochs, percent(share)]
  console.log(`| ${seed} | ${cells.join(' | ')} | ${within.at(-1) === true ? 'yes' : 'no'} |`)
}
const good = within.filter(Boolean).length
console.log(
  `\nWithin 0.1 points with at most ${percent(MOST_EPOCHS)} of the epochs: ${good} of ${within.length} seeds.`,
)

if (complete && performance.now() < until) {
  const workers = trainingPool({ jobs: JOBS, experimentsModule, runs })
  const found = await confirmStudy({ experiments, studies, study: nameOf('halving', 1), runs, seeds: 5, workers })
  await workers.close()
  for (const [label, rows] of [
    ['tuned', found?.runs ?? []],
    ['as the experiment comes', found?.reference ?? []],
  ] as const) {
    const tests = rows.map(({ test }) => test)
    if (tests.length === 0) continue
    const { low, high } = bootstrapInterval(tests)
    const interval = `95 % interval ${percent(low)} to ${percent(high)}`
    console.log(`${label}: test error ${percent(mean(tests))} (${interval}), ${tests.length} fresh seeds`)
  }
}
