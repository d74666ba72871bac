// Pruners against Optuna 5.0.0, decision by decision.
import { describe, expect, it } from 'vitest'
import { hyperbandPruner, medianPruner, noPruner, successiveHalvingPruner, wilcoxonPruner, type Direction, type Pruner, type Trial } from '../../src/studies/index.ts'
import { signedRankTest } from '../../src/studies/pruners/wilcoxon.ts'
import asha from './golden/asha.json' with { type: 'json' }
import median from './golden/median.json' with { type: 'json' }
import pruners from './golden/pruners.json' with { type: 'json' }
import wilcoxon from './golden/wilcoxon.json' with { type: 'json' }
import { madeTrial } from './made-trials.ts'

interface Report { trial: number; step: number; value: number; prune: boolean }

/** Plays the reports in their order; a trial is over when the next one begins. Returns the reports with our decisions. */
function replay(pruner: Pruner, reports: readonly Report[], direction: Direction = 'minimize'): Report[] {
  const trials: Trial[] = []
  const decided: Report[] = []
  for (const report of reports) {
    const last = decided.at(-1)
    if (last && last.trial !== report.trial) {
      const over = trials[last.trial]!
      trials[last.trial] = { ...over, state: last.prune ? 'pruned' : 'complete', values: [last.value], completedAt: String(last.trial).padStart(9, '0') }
    }
    // Numbers that reported nothing belong to failed trials.
    while (trials.length <= report.trial) trials.push(madeTrial(trials.length, { state: trials.length === report.trial ? 'running' : 'failed' }))
    const before = trials[report.trial]!
    const trial = { ...before, intermediateValues: new Map([...before.intermediateValues, [report.step, report.value]]) }
    trials[report.trial] = trial
    const { prune, systemAttributes } = pruner.decide({ trial, trials, direction, study: 'golden' })
    trials[report.trial] = { ...trial, systemAttributes: { ...trial.systemAttributes, ...systemAttributes } }
    decided.push({ ...report, prune })
  }
  return decided
}

const made: Record<string, (options: never) => Pruner> = { hyperband: hyperbandPruner, asha: successiveHalvingPruner, median: medianPruner, wilcoxon: wilcoxonPruner }

describe('pruners decide as Optuna does', () => {
  it('successive halving, eta 4', () => {
    expect(replay(successiveHalvingPruner({ minResource: 1 }), asha.decisions)).toEqual(asha.decisions)
  })

  it('the median', () => {
    expect(replay(medianPruner(), median.decisions)).toEqual(median.decisions)
  })

  it.each(pruners.cases.map((c, i) => [`${c.pruner}, ${c.direction}, ${JSON.stringify(c.options)}`, i] as const))('%s', (_name, i) => {
    const c = pruners.cases[i]!
    expect(c.decisions.some(decision => decision.prune)).toBe(true)
    expect(replay(made[c.pruner]!(c.options as never), c.decisions, c.direction as Direction)).toEqual(c.decisions)
  })
})

it('the signed-rank test has the p-values of scipy, exact and approximate, with ties and zeros', () => {
  for (const { differences, less, greater } of wilcoxon.tests) {
    expect(signedRankTest(differences)).toBeCloseTo(greater, 9)
    expect(signedRankTest(differences.map(d => -d))).toBeCloseTo(less, 9)
  }
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
    for (const pruner of [medianPruner(), successiveHalvingPruner(), hyperbandPruner(), wilcoxonPruner(), noPruner()]) expect(decide(pruner, [])).toBe(false)
  })

  it.each([
    () => medianPruner({ startupTrials: -1 }), () => medianPruner({ intervalSteps: 0 }), () => successiveHalvingPruner({ reductionFactor: 1 }),
    () => successiveHalvingPruner({ minResource: 0.5 }), () => hyperbandPruner({ minResource: 9, maxResource: 3 }), () => wilcoxonPruner({ threshold: 2 }),
    () => medianPruner({ warmUp: 3 } as never),
  ])('refuse what makes no sense (%#)', make => {
    expect(make).toThrow(/Received: [\s\S]*Next: /)
  })
})
