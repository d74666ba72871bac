// What memos read of a study: the trials that stand and are over, as figures and importance want them back.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  compactTrials,
  createStudy,
  floatRange,
  intRange,
  oneOf,
  randomSampler,
  rateResultSchema,
  searchSavingSchema,
  searchSpace,
  standing,
  studyImportance,
  studyResultSchema,
  successiveHalvingPruner,
  trialsOfResult,
} from '../../src/index.ts'

const space = searchSpace({
  rate: floatRange(1e-4, 1, { log: true }),
  width: intRange(8, 256),
  optimizer: oneOf(['sgd', null]),
})

async function made() {
  const pruner = successiveHalvingPruner({ minResource: 1 })
  const study = createStudy({ name: 'made', space, sampler: randomSampler(), pruner, seed: 7 })
  await study.optimize(
    trial => {
      const value = (Math.log10(Number(trial.params['rate'])) + 2) ** 2
      if (trial.number === 5) return Number.NaN
      for (let step = 1; step <= 4; step++) {
        trial.report(step, step === 3 ? Number.NaN : value)
        if (step < 3 && trial.shouldPrune()) return 'pruned'
      }
      return value
    },
    { trials: 40 },
  )
  return study
}

describe('the result of a study', () => {
  it('holds every trial that is over, one that goes on for the one before it, and comes back as it was', async () => {
    const study = await made()
    const stopped = study.trials.find(({ state }) => state === 'pruned')!
    const again = study.continueTrial(stopped.number)
    study.tell(again.number, 0.25)
    study.ask()
    const trials = compactTrials(study.trials, study.name)
    const over = standing(study.trials).filter(({ state }) => state !== 'running')
    expect(trials.map(({ number }) => number)).toEqual(over.map(({ number }) => number))
    expect(trials.some(({ number }) => number === stopped.number)).toBe(false)
    const result = studyResultSchema.parse(JSON.parse(JSON.stringify({
      format: 1,
      kind: 'study',
      name: 'made',
      experiment: 'none',
      recordedAt: '2026-11-26T00:00:00.000Z',
      machine: 'none',
      sampler: 'random',
      pruner: 'successive-halving',
      objectives: ['error'],
      metrics: [{ name: 'error', title: 'error', unit: '', better: 'lower', format: 'percent' }],
      directions: ['minimize'],
      space,
      trials,
      confirmed: null,
    })))
    const back = trialsOfResult(result)
    for (const [i, trial] of over.entries()) {
      const other = back[i]!
      expect(other.state).toBe(trial.state)
      expect(other.params).toEqual(trial.params)
      expect([...other.intermediateValues.keys()]).toEqual([...trial.intermediateValues.keys()])
      // Six figures are kept, and what is no number stays none.
      if (trial.values) expect(other.values?.[0]).toBeCloseTo(trial.values[0]!, 4)
      if (trial.intermediateValues.has(3)) expect(other.intermediateValues.get(3)).toBeNaN()
    }
    const [before] = studyImportance(over, ['minimize'])
    const [after] = studyImportance(back, ['minimize'])
    for (const [name, share] of Object.entries(before!['PED-ANOVA']!))
      expect(after!['PED-ANOVA']![name]).toBeCloseTo(share, 6)
  })

  it('is none of a study without a complete trial', () => {
    const study = createStudy({ name: 'empty', space, sampler: randomSampler() })
    study.ask()
    expect(() => compactTrials(study.trials, 'empty')).toThrow(
      /recorded when a trial of it is complete[^]*empty with 0[^]*Let the study go on/,
    )
  })

  it('of every topic of the course can be read', () => {
    const topics = fileURLToPath(new URL('../../../../course/topics', import.meta.url))
    const files = readdirSync(topics, { recursive: true, encoding: 'utf8' }).filter(file =>
      /[\\/]studies[\\/].*\.json$/.test(file),
    )
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const content: unknown = JSON.parse(readFileSync(path.join(topics, file), 'utf8'))
      const schema = studyResultSchema.or(rateResultSchema).or(searchSavingSchema)
      expect(schema.safeParse(content).success, file).toBe(true)
    }
  })
})
