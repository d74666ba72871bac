// How good samplers are: twelve standard functions, paired seeds, the best value after 50 and 100 trials, beside
// Optuna's. It can run in parts: results are kept in a file and not computed again. DDLF_BENCH_OUT names it (default:
// in the folder for temporary files), DDLF_BENCH_SEEDS the number of seeds (default 30), DDLF_BENCH_SECONDS ends a part
// after so long, DDLF_BENCH_SAMPLERS chooses some beside random search (tpe,cma-es), and DDLF_OPTUNA is a python that
// has optuna, torch and cmaes (without it Optuna is left out).
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bootstrapInterval, createStudy, distributionToOptuna, mean, type Params, type Sampler } from '@ddlf/lab'
import { cmaEsSampler, gaussianProcessSampler, randomSampler, tpeSampler } from '@ddlf/lab'
import { STANDARD_FUNCTIONS, type StandardFunction } from './peers/standard-functions.ts'

const SEEDS = Number(process.env['DDLF_BENCH_SEEDS'] ?? 30)
const OUT = process.env['DDLF_BENCH_OUT'] ?? path.join(tmpdir(), 'ddlf-bench-samplers.jsonl')
const UNTIL = performance.now() + 1000 * Number(process.env['DDLF_BENCH_SECONDS'] ?? Infinity)
const PYTHON = process.env['DDLF_OPTUNA']
const BUDGETS = [50, 100] as const

const all: Readonly<Record<string, Sampler>> = {
  'random': randomSampler(), 'tpe': tpeSampler(), 'cma-es': cmaEsSampler(),
  'gaussian-process': gaussianProcessSampler(),
}
const chosen = process.env['DDLF_BENCH_SAMPLERS']?.split(',')
const samplers = Object.fromEntries(
  Object.entries(all).filter(([name]) => name === 'random' || (chosen?.includes(name) ?? true)),
)

/** One measurement: the best values after each of the budgets. */
interface Row {
  readonly function: string
  readonly who: 'ddlf' | 'optuna'
  readonly sampler: string
  readonly seed: number
  readonly best: readonly number[]
}

const keyOf = ({ function: name, who, sampler, seed }: Omit<Row, 'best'>) => [name, who, sampler, seed].join('|')
const lines = existsSync(OUT) ? readFileSync(OUT, 'utf8').split('\n').filter(line => line.endsWith('}')) : []
const rows = new Map(lines.map(line => JSON.parse(line) as Row).map(row => [keyOf(row), row]))

function bestSoFar(values: readonly number[]): number[] {
  return BUDGETS.map(budget => Math.min(...values.slice(0, budget)))
}

function ours({ space, value }: StandardFunction, sampler: string, seed: number): number[] {
  const study = createStudy({ name: 'bench', space, sampler: samplers[sampler] as Sampler, seed })
  const values: number[] = []
  while (values.length < Math.max(...BUDGETS)) {
    const { number, params } = study.ask()
    const found = value(params)
    values.push(found)
    study.tell(number, found)
  }
  return bestSoFar(values)
}

/** Optuna in a process of its own, which asks for values. */
class Optuna {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  constructor(python: string) {
    this.#child = spawn(python, [fileURLToPath(new URL('peers/optuna_samplers.py', import.meta.url))])
    this.#child.stderr.resume()
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async version(): Promise<string> {
    return (await this.#read<{ optuna: string }>()).optuna
  }

  async best({ space, value }: StandardFunction, sampler: string, seed: number): Promise<number[]> {
    const parameters = Object.entries(space).map(([name, parameter]) =>
      ({ name, distribution: distributionToOptuna(parameter), when: parameter.when ?? null }))
    const job = { sampler, seed, trials: Math.max(...BUDGETS), space: parameters }
    this.#child.stdin.write(`${JSON.stringify(job)}\n`)
    const values: number[] = []
    for (;;) {
      const message = await this.#read<{ params?: Params }>()
      if (!message.params) return bestSoFar(values)
      const found = value(message.params)
      values.push(found)
      this.#child.stdin.write(`${found}\n`)
    }
  }

  async #read<T>(): Promise<T> {
    const next = await this.#answers.next()
    if (next.done === true) throw new Error('Optuna ended: has this python optuna, torch and cmaes?')
    return JSON.parse(next.value) as T
  }

  close(): void {
    this.#child.kill()
  }
}

const fits = (sampler: string, f: StandardFunction) => sampler === 'random' || sampler === 'tpe' || f.smooth
const optuna = PYTHON === undefined ? undefined : new Optuna(PYTHON)
const version = await optuna?.version()

/** Computes what is missing, seed by seed, so that every part is a fair table. @returns whether all is there */
async function measure(): Promise<boolean> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const f of STANDARD_FUNCTIONS) {
      for (const sampler of Object.keys(samplers)) {
        for (const who of ['ddlf', ...(optuna ? ['optuna'] : [])] as const) {
          const key = { function: f.name, who: who as Row['who'], sampler, seed }
          if (!fits(sampler, f) || rows.has(keyOf(key))) continue
          if (performance.now() > UNTIL) return false
          const best = who === 'ddlf' ? ours(f, sampler, seed) : await (optuna as Optuna).best(f, sampler, seed)
          const row: Row = { ...key, best }
          rows.set(keyOf(key), row)
          appendFileSync(OUT, `${JSON.stringify(row)}\n`)
        }
      }
    }
  }
  return true
}

const complete = await measure()
optuna?.close()

/** The best values of a sampler by seed, where it has all of the other's seeds. */
const found = (f: StandardFunction, who: Row['who'], sampler: string, b: number) =>
  Array.from({ length: SEEDS }, (_, i) =>
    rows.get(keyOf({ function: f.name, who, sampler, seed: i + 1 }))?.best[b] ?? Number.NaN)

/** The mean difference of pairs with its 95 % interval, and how many there are; above zero the second is better. */
function difference(first: readonly number[], second: readonly number[]) {
  const pairs = first.map((value, i) => value - (second[i] ?? Number.NaN)).filter(Number.isFinite)
  if (pairs.length === 0) return undefined
  const { low, high } = bootstrapInterval(pairs)
  return { pairs: pairs.length, mean: mean(pairs), low, high }
}

const shown = (one: ReturnType<typeof difference>) =>
  one ? `${one.mean.toPrecision(3)} (${one.low.toPrecision(3)} .. ${one.high.toPrecision(3)})` : '-'
const verdict = (one: ReturnType<typeof difference>, words: readonly [string, string, string]) =>
  !one ? '-' : one.low > 0 ? words[0] : one.high < 0 ? words[1] : words[2]

const state = complete ? '' : ', not all of them yet: run it again to go on'
const peer = version === undefined ? 'without Optuna' : `Optuna ${version}`
console.log(`${SEEDS} paired seeds${state}; ${peer}. Results: ${OUT}
Gain over random: random minus sampler, mean and 95 % bootstrap interval; above zero the sampler is better.
Against Optuna: Optuna's sampler minus ours; "worse" where the whole interval lies below zero.\n`)
const HEAD = ['function', 'sampler', 'trials', 'pairs', 'gain over random', 'better', 'against Optuna', 'we are']
console.log(`| ${HEAD.join(' | ')} |\n|${' --- |'.repeat(HEAD.length)}`)
const counts = new Map<string, number>()
const count = (key: string, add: boolean) => counts.set(key, (counts.get(key) ?? 0) + Number(add))
for (const f of STANDARD_FUNCTIONS) {
  for (const sampler of Object.keys(samplers).filter(name => name !== 'random' && fits(name, f))) {
    for (const [b, budget] of BUDGETS.entries()) {
      const own = found(f, 'ddlf', sampler, b)
      const gain = difference(found(f, 'ddlf', 'random', b), own)
      const against = difference(found(f, 'optuna', sampler, b), own)
      count(`${sampler}, ${budget} trials: better than random on`, (gain?.low ?? 0) > 0)
      if (against) count(`${sampler}, ${budget} trials: no worse than Optuna on`, against.high >= 0)
      const words = [verdict(gain, ['yes', 'no, worse', 'undecided']), verdict(against, ['better', 'worse', 'equal'])]
      const cells = [f.name, sampler, budget, gain?.pairs ?? 0, shown(gain), words[0], shown(against), words[1]]
      console.log(`| ${cells.join(' | ')} |`)
    }
  }
}
console.log(`\n${[...counts].map(([key, number]) => `${key} ${number}`).join('\n')}`)
