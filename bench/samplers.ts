// How good samplers are: twelve standard functions, paired seeds, the best value after 50 and 100 trials against random search.
import { bootstrapInterval, cmaEsSampler, createStudy, gaussianProcessSampler, mean, randomSampler, tpeSampler, type Sampler } from '@ddlf/lab'
import { STANDARD_FUNCTIONS, type StandardFunction } from './peers/standard-functions.ts'

const SEEDS = Number(process.env['DDLF_BENCH_SEEDS'] ?? 30)
const BUDGETS = [50, 100]

/** The best values after each of the budgets. */
function bestValues({ space, value }: StandardFunction, sampler: Sampler, seed: number): number[] {
  const study = createStudy({ name: 'bench', space, sampler, seed })
  return BUDGETS.map(budget => {
    while (study.trials.length < budget) {
      const { number, params } = study.ask()
      study.tell(number, value(params))
    }
    return study.best?.values?.[0] ?? NaN
  })
}

const samplers = { tpe: tpeSampler(), 'cma-es': cmaEsSampler(), 'gaussian-process': gaussianProcessSampler() }
/** The Gaussian process is the dear one: fewer seeds. */
const seedsOf = (name: string) => (name === 'gaussian-process' ? Math.min(SEEDS, 5) : SEEDS)

console.log(`${SEEDS} paired seeds (gaussian-process: ${seedsOf('gaussian-process')}); random minus sampler, mean and 95 % bootstrap interval: above zero, the sampler is better.\n`)
console.log('| function | sampler | trials | random | sampler | difference | better |\n| --- | --- | --- | --- | --- | --- | --- |')
const wins = new Map<string, number>()
for (const f of STANDARD_FUNCTIONS) {
  const random = Array.from({ length: SEEDS }, (_, seed) => bestValues(f, randomSampler(), seed + 1))
  for (const [name, sampler] of Object.entries(samplers)) {
    if (name !== 'tpe' && !f.smooth) continue
    const found = Array.from({ length: seedsOf(name) }, (_, seed) => bestValues(f, sampler, seed + 1))
    for (const [b, budget] of BUDGETS.entries()) {
      const differences = found.map((values, seed) => (random[seed]?.[b] ?? NaN) - (values[b] ?? NaN))
      const { low, high } = bootstrapInterval(differences)
      const better = low > 0 ? 'yes' : high < 0 ? 'no, worse' : 'undecided'
      const key = `${name}, ${budget} trials`
      wins.set(key, (wins.get(key) ?? 0) + Number(low > 0))
      const average = (rows: readonly number[][]) => mean(rows.map(row => row[b] ?? NaN)).toPrecision(4)
      console.log(`| ${f.name} | ${name} | ${budget} | ${average(random.slice(0, found.length))} | ${average(found)} | ${mean(differences).toPrecision(3)} (${low.toPrecision(3)} .. ${high.toPrecision(3)}) | ${better} |`)
    }
  }
}
console.log(`\nWins: ${[...wins].map(([key, count]) => `${key}: ${count}`).join('; ')}`)
