// Pruners against Optuna 5.0.0, decision by decision.
import { describe, expect, it } from 'vitest'
import {
  continuedBy,
  createStudy,
  floatRange,
  hyperbandPruner,
  medianPruner,
  noPruner,
  randomSampler,
  searchSpace,
  spentBudget,
  standing,
  successiveHalvingPruner,
  wilcoxonPruner,
  type Direction,
  type Pruner,
  type Study,
  type Trial,
} from '../../src/studies/index.ts'
import { firstNumber } from '../../src/studies/continuation.ts'
import { signedRankTest } from '../../src/studies/pruners/wilcoxon.ts'
import asha from './golden/asha.json' with { type: 'json' }
import median from './golden/median.json' with { type: 'json' }
import pruners from './golden/pruners.json' with { type: 'json' }
import wilcoxon from './golden/wilcoxon.json' with { type: 'json' }
import { madeTrial } from './made-trials.ts'

interface Report { trial: number; step: number; value: number; prune: boolean }

/**
 * Plays the reports in their order; a trial is over when the next one begins. Returns the reports with our decisions.
 */
function replay(pruner: Pruner, reports: readonly Report[], direction: Direction = 'minimize'): Report[] {
  const trials: Trial[] = []
  const decided: Report[] = []
  for (const report of reports) {
    const last = decided.at(-1)
    if (last && last.trial !== report.trial) {
      const over = trials[last.trial]!
      trials[last.trial] = {
        ...over,
        state: last.prune ? 'pruned' : 'complete',
        values: [last.value],
        completedAt: String(last.trial).padStart(9, '0'),
      }
    }
    // Numbers that reported nothing belong to failed trials.
    while (trials.length <= report.trial)
      trials.push(madeTrial(trials.length, { state: trials.length === report.trial ? 'running' : 'failed' }))
    const before = trials[report.trial]!
    const trial = {
      ...before,
      intermediateValues: new Map([...before.intermediateValues, [report.step, report.value]]),
    }
    trials[report.trial] = trial
    const { prune, systemAttributes } = pruner.decide({ trial, trials, direction, study: 'golden' })
    trials[report.trial] = { ...trial, systemAttributes: { ...trial.systemAttributes, ...systemAttributes } }
    decided.push({ ...report, prune })
  }
  return decided
}

const made: Record<string, (options: never) => Pruner> = {
  hyperband: hyperbandPruner,
  asha: successiveHalvingPruner,
  median: medianPruner,
  wilcoxon: wilcoxonPruner,
}

describe('pruners decide as Optuna does', () => {
  it('successive halving, eta 4', () => {
    expect(replay(successiveHalvingPruner({ minResource: 1 }), asha.decisions)).toEqual(asha.decisions)
  })

  it('the median', () => {
    expect(replay(medianPruner(), median.decisions)).toEqual(median.decisions)
  })

  it.each(pruners.cases.map((c, i) => [`${c.pruner}, ${c.direction}, ${JSON.stringify(c.options)}`, i] as const))(
    '%s',
    (_name, i) => {
      const c = pruners.cases[i]!
      expect(c.decisions.some(decision => decision.prune)).toBe(true)
      expect(replay(made[c.pruner]!(c.options as never), c.decisions, c.direction as Direction)).toEqual(c.decisions)
    },
  )
})

it('the signed-rank test has the p-values of scipy, exact and approximate, with ties and zeros', () => {
  for (const { differences, less, greater } of wilcoxon.tests) {
    expect(signedRankTest(differences)).toBeCloseTo(greater, 9)
    expect(signedRankTest(differences.map(d => -d))).toBeCloseTo(less, 9)
  }
})

describe('Hyperband', () => {
  const pruner = hyperbandPruner({ maxResource: 9 })
  const space = searchSpace({ x: floatRange(0, 1) })

  /** A study whose trials are given by their value, and stop at the first rung that they do not pass. */
  function play(values: readonly number[]) {
    const study = createStudy({ name: 'bracket', space, sampler: randomSampler(), pruner })
    for (const value of values) {
      const { number } = study.ask()
      run(study, number, value)
    }
    return study
  }
  function run(study: Study, number: number, value: number) {
    for (let step = study.trials[number]!.intermediateValues.size + 1; step <= 9; step++) {
      study.report(number, step, value)
      if (study.shouldPrune(number)) return void study.tell(number, 'pruned')
    }
    study.tell(number, value)
  }

  it('lets a trial go on that proves good in its bracket, which it keeps under its new number', () => {
    // Each is worse than those before it: by and by the second and third of a bracket are among its best third.
    const study = play(Array.from({ length: 40 }, (_, i) => 1 + i / 100))
    let continued = 0
    for (let next = study.promotable(); next; next = study.promotable()) {
      expect(next.state).toBe('pruned')
      const value = [...next.intermediateValues.values()][0]!
      const passed = Object.keys(next.systemAttributes).filter(key => key.startsWith('completed_rung_'))
      const rung = passed.length - 1
      const again = study.continueTrial(next.number)
      expect(firstNumber(again)).toBe(firstNumber(next))
      // Among the best third of those that have reached its last rung: no more are better than that.
      const reached = standing(study.trials).filter(
        trial =>
          trial.systemAttributes[`completed_rung_${rung}`] !== undefined &&
          bracketIn(study, trial) === bracketIn(study, next),
      )
      const better = reached.filter(trial => (trial.systemAttributes[`completed_rung_${rung}`] as number) < value)
      expect(better.length).toBeLessThan(reached.length / 3)
      run(study, again.number, value)
      continued++
    }
    expect(continued).toBeGreaterThan(2)
    // One that went on twice has its first number still.
    expect(study.trials.some(trial => standingChain(study, trial) > 1)).toBe(true)
    expect(spentBudget(study.trials).trials).toBe(40)
  })

  /** The bracket, seen from outside: the step at which its first rung lies. */
  const bracketIn = (study: Study, trial: Trial) => {
    for (const bracket of [0, 1, 2]) {
      const reports = [[3 ** bracket, 0]] as const
      const probe = { ...trial, state: 'running' as const, intermediateValues: new Map(reports), systemAttributes: {
        'ddlf:began': firstNumber(trial),
      } }
      const { systemAttributes } = pruner.decide({
        trial: probe, trials: [probe], direction: 'minimize', study: study.name,
      })
      if (Object.keys(systemAttributes ?? {}).length > 0) return bracket
    }
    return -1
  }
  const standingChain = (study: Study, trial: Trial): number => {
    const before = continuedBy(trial)
    return before === undefined ? 0 : 1 + standingChain(study, study.trials[before]!)
  }
})

describe('a trial that goes on and comes to no number', () => {
  const space = searchSpace({ x: floatRange(0, 1) })
  /** Numbers up to step 3, and none from there on. */
  const valueAt = (x: number, step: number) => (step > 3 ? Number.NaN : x)
  function run(study: Study, number: number) {
    const { params, intermediateValues } = study.trials[number]!
    for (let step = intermediateValues.size + 1; step <= 81; step++) {
      study.report(number, step, valueAt(Number(params['x']), step))
      if (study.shouldPrune(number)) return void study.tell(number, 'pruned')
    }
    study.tell(number, 0)
  }

  it.each([
    successiveHalvingPruner({ minResource: 1, reductionFactor: 3 }),
    hyperbandPruner({ maxResource: 81, reductionFactor: 3 }),
  ])('is let go on once from each rung: $name', pruner => {
    const study = createStudy({ name: 'lost', space, sampler: randomSampler(), pruner, seed: 5 })
    const wentOn: string[] = []
    // Each is worse than those before it: by and by the second and third are among the best third.
    for (let i = 0; i < 40; i++) {
      run(study, study.ask({ x: i / 100 }).number)
      for (let next = study.promotable(); next && wentOn.length < 200; next = study.promotable()) {
        const rungs = Object.keys(next.systemAttributes).filter(key => key.startsWith('completed_rung_'))
        wentOn.push(`trial ${firstNumber(next)} from rung ${rungs.length}`)
        run(study, study.continueTrial(next.number).number)
      }
    }
    expect(wentOn.length).toBeGreaterThan(0)
    expect(wentOn).toEqual([...new Set(wentOn)])
    expect(spentBudget(study.trials).trials).toBe(40)
    // Some of them came to no number: what they were stopped for.
    const lost = study.trials.filter(({ state, intermediateValues }) =>
      state === 'pruned' && [...intermediateValues.values()].some(Number.isNaN))
    expect(lost.length).toBeGreaterThan(1)
  })
})

describe('pruners at the edge', () => {
  const complete = Array.from({ length: 6 }, (_, i) => madeTrial(i, { values: [1], reports: [[1, 1], [2, 1]] }))
  const decide = (pruner: Pruner, reports: readonly (readonly [number, number])[]) => {
    const trial = madeTrial(6, { state: 'running', reports })
    return pruner.decide({ trial, trials: [...complete, trial], direction: 'minimize', study: 's' }).prune
  }

  it('stop a trial that reports NaN, except Wilcoxon, and none that reported nothing', () => {
    expect(decide(medianPruner(), [[1, NaN]])).toBe(true)
    expect(decide(successiveHalvingPruner({ minResource: 1 }), [[1, NaN]])).toBe(true)
    expect(decide(wilcoxonPruner(), [[1, NaN], [2, NaN]])).toBe(false)
    for (const pruner of [medianPruner(), successiveHalvingPruner(), hyperbandPruner(), wilcoxonPruner(), noPruner()])
      expect(decide(pruner, [])).toBe(false)
  })

  it('judge a trial of very many reports', () => {
    const many = Array.from({ length: 150_000 }, (_, step) => [step, 9] as const)
    expect(decide(successiveHalvingPruner({ minResource: 1 }), many)).toBe(false)
    const others = [1, 2].map(number => madeTrial(number, { reports: [[149_999, 1]] }))
    const trial = madeTrial(0, { state: 'running', reports: many })
    const asked = { trial, trials: [trial, ...others], direction: 'minimize' as const, study: 's' }
    expect(medianPruner({ startupTrials: 0, warmupSteps: 149_999 }).decide(asked).prune).toBe(true)
  })

  it.each([
    () => medianPruner({ startupTrials: -1 }),
    () => medianPruner({ intervalSteps: 0 }),
    () => successiveHalvingPruner({ reductionFactor: 1 }),
    () => successiveHalvingPruner({ minResource: 0.5 }),
    () => hyperbandPruner({ minResource: 9, maxResource: 3 }),
    () => wilcoxonPruner({ threshold: 2 }),
    () => medianPruner({ warmUp: 3 } as never),
  ])('refuse what makes no sense (%#)', make => {
    expect(make).toThrow(/Received: [\s\S]*Next: /)
  })
})
