// Journals that a stop, a hand or a link has broken: an empty one is a new study, one that cannot be read stands in the
// way of none, and no line is applied twice.
import fs from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openTuning, studyNames } from '../../src/node.ts'
import { StudyIndex } from '../../src/server/study-index.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const open = (folder: string, study: string) =>
  openTuning({
    experiments,
    experiment: 'text-table',
    study,
    studies: path.join(folder, 'studies'),
    space: ['learningRate=log:1e-3..1'],
    set: [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=50', 'epochs=2'],
  })

it.each(['', '{"op_code":0,"worker'])('a journal of %j is a new study', text => {
  const folder = temporaryFolder()
  const place = path.join(folder, 'studies', 'x')
  fs.mkdirSync(place, { recursive: true })
  fs.writeFileSync(path.join(place, 'journal.jsonl'), text)
  expect(studyNames(path.join(folder, 'studies'))).toEqual([])
  const tuning = open(folder, 'x')
  expect(tuning.continued).toBe(false)
  tuning.study.ask()
  tuning.close()
  expect(studyNames(path.join(folder, 'studies'))).toEqual(['x'])
})

it('a line that is no JSON keeps no other study from the list, and no trial is counted twice when it is mended', () => {
  const folder = temporaryFolder()
  const studies = path.join(folder, 'studies')
  for (const name of ['whole', 'broken']) {
    const tuning = open(folder, name)
    tuning.study.ask()
    tuning.close()
  }
  const file = path.join(studies, 'broken', 'journal.jsonl')
  const text = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, `${text}no json\n`)
  const index = new StudyIndex(studies)
  for (let i = 0; i < 2; i++) {
    const [broken, whole] = index.list()
    expect(broken).toMatchObject({ name: 'broken', unreadable: expect.stringContaining('no JSON') as string })
    expect(whole).toMatchObject({ name: 'whole', unreadable: null, counts: { running: 1 } })
    expect(() => index.detail('broken', false)).toThrow(/no JSON/)
  }
  fs.writeFileSync(file, text)
  expect(index.list().map(({ name, counts }) => [name, counts])).toEqual([
    ['broken', { running: 1 }],
    ['whole', { running: 1 }],
  ])
})
