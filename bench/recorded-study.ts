// How much of a full search successive halving needs: mlp-on-mnist, six parameters, 100 trials of 10 epochs, six seeds.
// It runs in parts: studies and runs are kept in the folder DDLF_BENCH_OUT (default: in that for temporary files) and
// gone on with, after a stop or a kill, from the same commit. DDLF_BENCH_SECONDS ends a part after so long,
// DDLF_BENCH_SEEDS is the number of seeds of this part, DDLF_BENCH_TRIALS of trials, DDLF_BENCH_JOBS of trials at once.
// As soon as one seed is whole, what memos read is written to the file DDLF_BENCH_RECORD (default: in that folder).
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { experiments } from '@ddlf/course'
import { judgeFresh, savingOf, spentBudget, standing, type SearchSaving } from '@ddlf/lab'
import {
  compactStudy,
  confirmationOf,
  confirmStudy,
  defaultJobs,
  goesOn,
  openTuning,
  readStudy,
  runTuning,
  studyFolder,
  trainingPool,
  writeFileAtomic,
  type Tuning,
} from '@ddlf/lab/node'

/** Seeds that the record is to have. */
const OF = 6
const SEEDS = Number(process.env['DDLF_BENCH_SEEDS'] ?? OF)
const TRIALS = Number(process.env['DDLF_BENCH_TRIALS'] ?? 100)
const JOBS = Number(process.env['DDLF_BENCH_JOBS'] ?? defaultJobs())
const OUT = process.env['DDLF_BENCH_OUT'] ?? path.join(tmpdir(), 'ddlf-recorded-study')
const RECORD = process.env['DDLF_BENCH_RECORD'] ?? path.join(OUT, 'mlp-on-mnist-search-saving.json')
const SECONDS = Number(process.env['DDLF_BENCH_SECONDS'] ?? Infinity)
const EPOCHS = 10
const FRESH = 6

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

type Kind = 'full' | 'halving'
const nameOf = (kind: Kind, seed: number) => `${kind}-${seed}`
const secondsLeft = () => (until - performance.now()) / 1000
const say = (words: string) => {
  console.error(`${new Date().toISOString().slice(11, 19)} ${words}`)
}

const open = (kind: Kind, seed: number): Tuning =>
  openTuning({
    experiments,
    experiment: 'mlp-on-mnist',
    study: nameOf(kind, seed),
    studies,
    space: SPACE,
    seed,
    objectives: ['error'],
    set: [`epochs=${EPOCHS}`],
    sampler: 'random',
    pruner: kind === 'full' ? 'none' : 'successive-halving',
  })

/** Goes on with a study until it is whole or the time is over. */
async function goOn(kind: Kind, seed: number): Promise<void> {
  if (secondsLeft() <= 0) return
  const tuning = open(kind, seed)
  const name = nameOf(kind, seed)
  const left = secondsLeft()
  try {
    if (!goesOn(tuning, { trials: TRIALS })) return
    await runTuning({
      tuning,
      experimentsModule,
      runs,
      jobs: JOBS,
      budget: { trials: TRIALS, ...(Number.isFinite(left) && { timeout: left }) },
      onEvent: event => {
        if (event.kind === 'end') say(`${name} trial ${event.number}: ${event.state}`)
      },
    })
  } finally {
    tuning.close()
  }
}

/** The best validation error of a study and its epochs; undefined where it is not whole. */
function outcome(kind: Kind, seed: number): { best: number; epochs: number } | undefined {
  if (!existsSync(path.join(studyFolder(studies, nameOf(kind, seed)), 'journal.jsonl'))) return undefined
  const { trials, best } = readStudy(studies, nameOf(kind, seed))
  const over = standing(trials).filter(({ state }) => state !== 'running').length
  const error = best?.values?.[0]
  return over < TRIALS || error === undefined ? undefined : { best: error, epochs: spentBudget(trials).epochs }
}

/** The seeds of which both searches are whole. */
const wholeSeeds = (): SearchSaving['seeds'] =>
  Array.from({ length: OF }, (_, i) => i + 1).flatMap(seed => {
    const [full, halving] = [outcome('full', seed), outcome('halving', seed)]
    return full && halving ? [{ seed, full, halving }] : []
  })

/** Trains the best of the first halving, and the experiment as it comes, with fresh seeds: once. */
async function confirm(): Promise<void> {
  const left = secondsLeft()
  if (left <= 0 || !outcome('halving', 1)) return
  const stop = new AbortController()
  const timer = Number.isFinite(left) ? setTimeout(() => { stop.abort() }, 1000 * left) : undefined
  const workers = trainingPool({ jobs: JOBS, experimentsModule, runs })
  try {
    await confirmStudy({
      experiments,
      studies,
      study: nameOf('halving', 1),
      runs,
      seeds: FRESH,
      workers,
      signal: stop.signal,
      onRun: ({ index, of, begins }) => {
        if (!begins) say(`fresh seeds: run ${index + 1} of ${of}`)
      },
    })
  } finally {
    clearTimeout(timer)
    await workers.close()
  }
}

/** What memos read, of the seeds that are whole. */
function recordOf(seeds: SearchSaving['seeds']): SearchSaving {
  const [{ seed } = { seed: 1 }] = seeds
  const { experiment, recordedAt, machine, metrics, space } = compactStudy(studies, nameOf('halving', seed))
  const first = outcome('halving', 1) && readStudy(studies, nameOf('halving', 1))
  const found = first?.best && confirmationOf(first.attributes, first.best.number)
  const plain = (fresh: NonNullable<typeof found>['runs']) =>
    fresh.map(({ seed: one, validation, test }) => ({ seed: one, validation, test }))
  const [metric] = metrics
  if (!metric) throw new Error('The study names no metric.')
  return {
    format: 1,
    kind: 'search-saving',
    experiment,
    recordedAt,
    machine,
    metric,
    space,
    trials: TRIALS,
    epochs: EPOCHS,
    of: OF,
    seeds,
    confirmed: found
      ? { inStudy: found.inStudy, runs: plain(found.runs), reference: plain(found.reference) }
      : null,
  }
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`

function print({ seeds, confirmed }: SearchSaving): void {
  console.log(`${TRIALS} random trials of ${EPOCHS} epochs, ${seeds.length} of ${OF} seeds; kept in ${OUT}\n`)
  console.log('| seed | full search: best error | epochs | halving: best error | epochs | share | holds |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const one of seeds) {
    const { share, holds } = savingOf(one)
    const cells = [percent(one.full.best), one.full.epochs, percent(one.halving.best), one.halving.epochs]
    console.log(`| ${one.seed} | ${cells.join(' | ')} | ${percent(share)} | ${holds ? 'yes' : 'no'} |`)
  }
  if (!confirmed) return
  const { tuned, before, comparison } = judgeFresh(confirmed, 'minimize')
  for (const [label, fresh] of [['tuned', tuned], ['as the experiment comes', before]] as const) {
    const interval = fresh?.interval
    if (interval)
      console.log(`${label}: test error ${percent(fresh.last)} (${percent(interval.low)} to ${percent(interval.high)})`)
  }
  if (comparison) console.log(`tuned is ${comparison.word}: p = ${comparison.pValue} (sign-flip test)`)
}

function keep(): void {
  const seeds = wholeSeeds()
  if (seeds.length === 0) return
  writeFileAtomic(RECORD, `${JSON.stringify(recordOf(seeds))}\n`)
}

for (let seed = 1; seed <= SEEDS; seed++) {
  for (const kind of ['halving', 'full'] as const) await goOn(kind, seed)
  if (seed === 1) await confirm()
  keep()
}
const seeds = wholeSeeds()
if (seeds.length > 0) {
  print(recordOf(seeds))
  console.log(`\nWhat memos read of it: ${RECORD}`)
}
if (seeds.length < OF) console.log(`${OF - seeds.length} of ${OF} seeds are missing: run it again to go on.`)
