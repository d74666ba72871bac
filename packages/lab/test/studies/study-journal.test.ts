// The journal of a study on disk: one writer, torn lines, full disks, foreign writers, and many trials.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { expect, it } from 'vitest'
import { openStudyJournal, readStudyJournal } from '../../src/node.ts'
import {
  createStudy,
  floatRange,
  formatRecord,
  memoryJournal,
  randomSampler,
  searchSpace,
  spentBudget,
  type Journal,
  type JournalRecord,
  type Study,
} from '../../src/studies/index.ts'
import { faultyFiles, temporaryFolder } from '../runs/temporary-folder.ts'

const space = searchSpace({ x: floatRange(0, 1) })
const open = (
  folder: string,
  files?: Parameters<typeof openStudyJournal>[1],
): { study: Study; close: () => void; file: string } => {
  const journal = openStudyJournal(folder, files)
  return {
    study: createStudy({ name: 's', space, journal, sampler: randomSampler() }),
    close: () => {
      journal.close()
    },
    file: journal.place,
  }
}

it('goes on where it was left', async () => {
  const folder = temporaryFolder()
  const first = open(folder)
  await first.study.optimize(({ params }) => params['x'] as number, { trials: 5 })
  first.close()
  const second = open(folder)
  expect(second.study.trials).toEqual(first.study.trials)
  await second.study.optimize(({ params }) => params['x'] as number, { trials: 7 })
  second.close()
  expect(readStudyJournal(second.file).filter(record => record.op_code === 4)).toHaveLength(7)
})

it('has one writer', () => {
  const folder = temporaryFolder()
  const { close } = open(folder)
  expect(() => open(folder)).toThrow(/Another process works on this study[\s\S]*Received[\s\S]*Next/)
  close()
  open(folder).close()
})

it('leaves out a torn last line, wherever it was torn, and goes on', () => {
  const folder = temporaryFolder()
  const { study, close, file } = open(folder)
  study.tell(study.ask().number, 1)
  const length = fs.statSync(file).size
  study.ask()
  close()
  const bytes = fs.readFileSync(file)
  for (let end = length; end <= bytes.length; end += 7) {
    fs.writeFileSync(file, bytes.subarray(0, end))
    expect(() => readStudyJournal(file)).not.toThrow()
    const again = open(folder)
    expect(again.study.trials[0]?.values).toEqual([1])
    again.study.failRunning()
    again.study.tell(again.study.ask().number, 2)
    again.close()
    expect(open(folder).study.trials.at(-1)?.values).toEqual([2])
    for (const lock of fs.readdirSync(folder)) if (lock.startsWith('lock-')) fs.rmSync(path.join(folder, lock))
  }
})

it('has every trial with all of its values and reports, or not at all, wherever its journal ends', () => {
  const folder = temporaryFolder()
  const journal = openStudyJournal(folder)
  const two = searchSpace({ x: floatRange(0, 1), y: floatRange(0, 1) })
  const openOn = (of: Journal) => createStudy({ name: 's', space: two, journal: of, sampler: randomSampler() })
  const study = openOn(journal)
  const stopped = study.ask()
  for (const step of [1, 2]) study.report(stopped.number, step, step)
  study.tell(stopped.number, 'pruned')
  const { size } = fs.statSync(journal.place)
  study.continueTrial(stopped.number)
  study.enqueue({ x: 0.5 })
  study.ask()
  study.ask()
  journal.close()
  const bytes = fs.readFileSync(journal.place)
  for (let end = size; end <= bytes.length; end++) {
    fs.writeFileSync(journal.place, bytes.subarray(0, end))
    const { trials } = openOn({ ...memoryJournal(readStudyJournal(journal.place)), place: journal.place })
    for (const { number, state, params, intermediateValues } of trials.filter(trial => trial.state !== 'waiting')) {
      expect(Object.keys(params).sort(), `trial ${number}, ${state}`).toEqual(['x', 'y'])
      if (number <= 1) expect(intermediateValues.size).toBe(2)
    }
    expect(spentBudget(trials).trials).toBeLessThanOrEqual(3)
  }
})

it('names the line that is no record', () => {
  const folder = temporaryFolder()
  const { close, file } = open(folder)
  close()
  fs.appendFileSync(file, 'not json\n')
  expect(() => open(folder)).toThrow(/journal\.jsonl, line 4: This line is no JSON/)
  fs.writeFileSync(file, '{"op_code":0}\n')
  expect(() => open(folder)).toThrow(/line 1: This line is no record of Optuna's journal/)
})

it('refuses to write behind another program', () => {
  const { study, close, file } = open(temporaryFolder())
  const record: JournalRecord = { op_code: 2, worker_id: 'w', study_id: 0, user_attr: { by: 'another' } }
  fs.appendFileSync(file, `${formatRecord(record)}\n`)
  expect(() => study.ask()).toThrow(/Another program wrote to this journal/)
  close()
  expect(() => study.ask()).toThrow(/closed/)
})

it('loses nothing that it acknowledged when the disk is full at any operation, or the process dies there', () => {
  for (const code of ['ENOSPC', 'death'] as const) {
    for (let failAt = 0; failAt < 200; failAt++) {
      const folder = temporaryFolder()
      const acknowledged: number[] = []
      let failed = false
      try {
        const { study, close } = open(folder, { files: faultyFiles(failAt, code) })
        for (let i = 0; i < 3; i++) acknowledged.push(study.tell(study.ask().number, i).number)
        close()
      } catch (error) {
        failed = true
        if (code === 'ENOSPC') expect(error).toBeInstanceOf(UserError)
      }
      for (const lock of fs.readdirSync(folder)) if (lock.startsWith('lock-')) fs.rmSync(path.join(folder, lock))
      const { study, close } = open(folder)
      for (const number of acknowledged) expect(study.trials[number]?.values).toEqual([number])
      close()
      if (!failed) break
    }
  }
})

it('opens 10,000 trials', () => {
  const folder = temporaryFolder()
  open(folder).close()
  const file = path.join(folder, 'journal.jsonl')
  const distribution =
    '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}'
  const lines = Array.from({ length: 10_000 }, (_, i) =>
    [
      { op_code: 4, worker_id: 'w', study_id: 0, datetime_start: '2026-11-22T16:51:46.108313+00:00' },
      { op_code: 5, worker_id: 'w', trial_id: i, param_name: 'x', param_value_internal: i / 10_000, distribution },
      {
        op_code: 6,
        worker_id: 'w',
        trial_id: i,
        state: 1,
        values: [i],
        datetime_complete: '2026-11-22T16:51:46.115160+00:00',
      },
    ]
      .map(record => `${JSON.stringify(record)}\n`)
      .join(''),
  ).join('')
  fs.appendFileSync(file, lines)
  const { study, close } = open(folder)
  expect(study.trials).toHaveLength(10_000)
  expect(study.trials[9_999]).toMatchObject({ params: { x: 0.9999 }, values: [9999] })
  close()
})

it('refuses a record that no study writes, by its line', () => {
  const file = path.join(temporaryFolder(), 'journal.jsonl')
  fs.writeFileSync(file, `\n${'x'.repeat(17 * 2 ** 20)}\n`)
  expect(() => readStudyJournal(file)).toThrow(/line 2: a record has at most 16,777,216 bytes\.[^]*17,825,792 bytes/)
})
