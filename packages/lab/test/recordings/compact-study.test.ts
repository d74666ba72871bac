// The compact record of a study: where it was made, and not where it is recorded; its best and what confirmed it.
import { rmSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createStudy, floatRange, randomSampler, searchSpace, studyResultSchema } from '../../src/index.ts'
import { compactStudy, createRun, openStudyJournal } from '../../src/node.ts'
import type { Machine } from '../../src/runs/run-record.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

const metric = { name: 'error', title: 'error', unit: '', better: 'lower', format: 'percent' } as const
const machine = (cpu: string): Machine => ({ cpu, cores: 2, memory: 2 ** 30, os: 'Linux 6 x64' })

/** A study of two trials: the run of the first lies here, that of the second is gone and its machine was noted. */
function made() {
  const folder = temporaryFolder()
  const studies = path.join(folder, 'studies')
  const root = path.join(folder, 'runs')
  const began = (cpu: string) => {
    const provenance = { ...noProvenance, machine: machine(cpu) }
    const run = createRun({ root, experiment: 'made', config: {}, seed: 1, command: [], provenance })
    return { name: `made/${run.id}`, folder: run.folder }
  }
  const journal = openStudyJournal(path.join(studies, 'far'))
  const study = createStudy({
    name: 'far', space: searchSpace({ x: floatRange(0, 1) }), sampler: randomSampler(), journal,
  })
  study.setStudyAttribute('runs', root)
  study.setStudyAttribute('tuning', {
    experiment: 'made', settings: {}, objectives: ['error'], metrics: [metric], repeats: 1, sampler: 'random',
    pruner: 'none',
  })
  const [first, second, fresh] = [began('Analytical Engine'), began('Difference Engine'), began('Z3')]
  const tried = (run: string, noted: string | undefined, value: number) => {
    const { number } = study.ask()
    study.setUserAttribute(number, 'runs', [run])
    if (noted !== undefined) study.setUserAttribute(number, 'machine', noted)
    study.tell(number, value)
    return number
  }
  tried(first.name, undefined, 0.5)
  const best = tried(second.name, 'Difference Engine, 2 cores', 1 / 3)
  rmSync(second.folder, { recursive: true })
  study.setStudyAttribute('confirmed', {
    [best]: {
      trial: best, metric: 'error', inStudy: 1 / 3, trials: 2, reference: [],
      runs: [{ seed: 2, run: fresh.name, validation: 0.4, test: 0.41 }],
    },
  })
  journal.close()
  return { studies, best }
}

it('names every machine that its runs were made on, those that are gone included, and none else', () => {
  const { studies, best } = made()
  const result = compactStudy(studies, 'far')
  expect(result.machine.split('; ').sort()).toEqual([
    'Analytical Engine, 2 cores',
    'Difference Engine, 2 cores',
    'Z3, 2 cores',
  ])
  expect(studyResultSchema.parse(JSON.parse(JSON.stringify(result)))).toMatchObject({
    experiment: 'made',
    trials: [{ values: [0.5] }, { values: [0.333333] }],
    confirmed: { trial: best, runs: [{ seed: 2, validation: 0.4, test: 0.41 }] },
  })
})

it('of a study that says nothing of its machine is unknown', () => {
  const folder = temporaryFolder()
  const journal = openStudyJournal(path.join(folder, 'old'))
  const study = createStudy({
    name: 'old', space: searchSpace({ x: floatRange(0, 1) }), sampler: randomSampler(), journal,
  })
  study.setStudyAttribute('tuning', {
    experiment: 'made', settings: {}, objectives: ['error'], metrics: [metric], repeats: 1, sampler: 'random',
    pruner: 'none',
  })
  study.tell(study.ask().number, 0.5)
  journal.close()
  expect(compactStudy(folder, 'old').machine).toBe('unknown')
})
