// References and removal: what names a run, what never does, and that a removed run can be brought back.
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { UserError } from '@ddlf/tensor/errors'
import { afterEach, describe, expect, test } from 'vitest'
import { createRun, listRuns } from '../../src/runs/run-folder.ts'
import { runPlaces, trashFolder } from '../../src/runs/run-place.ts'
import { openRun, openRunToMove } from '../../src/runs/run-reference.ts'
import { emptyTrash, removedRuns, removeRun, replaceRun, restoreRun, sweepTrash } from '../../src/runs/run-trash.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { filesBelow, noProvenance, temporaryFolder } from './temporary-folder.ts'

const create = (root: string, experiment = 'first') =>
  createRun({ root, experiment, config: {}, seed: 3, provenance: noProvenance })
const home = process.cwd()
afterEach(() => process.chdir(home))

describe('openRun', () => {
  test('finds a run by name, id, beginning and path, absolute or from the working directory', () => {
    const root = temporaryFolder()
    const [a] = [create(root, 'first'), create(root, 'second')]
    process.chdir(path.dirname(root))
    const relative = path.join(path.basename(root), 'first', a.id)
    for (const reference of [
      `first/${a.id}`,
      a.id,
      `first/${a.id.slice(0, 10)}`,
      a.folder,
      `${a.folder}/`,
      relative,
      `./${relative}`,
    ]) {
      expect(openRun(root, reference)).toEqual({ experiment: 'first', id: a.id, folder: a.folder })
    }
  })

  test('finds the newest run, of all or of an experiment, and a run by any piece of its id that no other has', () => {
    const root = temporaryFolder()
    const made = ['20260101-000000-aaaa', '20260101-000001-bbbb', '20260102-000000-abcd'].map((id, k) => {
      const run = create(root, k === 1 ? 'second' : 'first')
      const folder = path.join(path.dirname(run.folder), id)
      fs.renameSync(run.folder, folder)
      const record = path.join(folder, 'run.json')
      fs.writeFileSync(record, fs.readFileSync(record, 'utf8').replaceAll(run.id, id))
      return { experiment: run.experiment, id, folder }
    })
    expect(openRun(root, 'latest')).toEqual(made[2])
    expect(openRun(root, 'second/latest')).toEqual(made[1])
    expect(openRun(root, 'bbbb')).toEqual(made[1])
    expect(openRun(root, '0001')).toEqual(made[1])
    expect(openRun(root, 'first/aaa')).toEqual(made[0])
    expect(() => openRun(root, '000')).toThrow(/fits 3/)
    expect(() => openRun(path.join(root, 'none'), 'latest')).toThrow(/no such run/)
    // Within one second the record tells.
    const { id } = create(root)
    const [older, newer] = [create(root), create(root)]
    for (const [run, time, last] of [
      [older, '2026-01-03T00:00:00.100Z', 'zzzz'],
      [newer, '2026-01-03T00:00:00.200Z', 'aaaa'],
    ] as const) {
      const name = `29990103-000000-${last}`
      const record = path.join(run.folder, 'run.json')
      fs.writeFileSync(
        record,
        JSON.stringify({ ...(JSON.parse(fs.readFileSync(record, 'utf8')) as object), id: name, createdAt: time }),
      )
      fs.renameSync(run.folder, path.join(path.dirname(run.folder), name))
    }
    // A name without a date tells nothing, and neither does a record that cannot be read.
    for (const name of ['zzz', '29990103-000000-torn']) {
      fs.mkdirSync(path.join(root, 'first', name))
      fs.writeFileSync(path.join(root, 'first', name, 'run.json'), '{"torn')
    }
    expect(openRun(root, 'latest').id).toBe('29990103-000000-aaaa')
    expect(openRun(root, id).id).toBe(id)
  })

  test('says what is wrong', () => {
    const root = temporaryFolder()
    const [a] = [create(root, 'first'), create(root, 'second')]
    expect(() => openRun(root, a.id.slice(0, 4))).toThrow(/fits 2/)
    // All are named, or it says how many more there are.
    const many = Array.from({ length: 4 }, () => create(root, 'first'))
    expect(() => openRun(root, a.id.slice(0, 4))).toThrow(/fits 6: (?:\S+, ){5}\S+$/m)
    many.push(create(root, 'first'))
    expect(() => openRun(root, a.id.slice(0, 4))).toThrow(/fits 7: (?:\S+, ){4}\S+ and 2 more$/m)
    expect(() => openRun(root, `${a.id}x`)).toThrow(new RegExp(`no such run[^]*Did you mean ${a.id}`))
    expect(() => openRun(path.join(root, 'absent'), 'x')).toThrow(/no such run/)
  })

  test('a folder that merely holds a run.json is no run, from wherever the command is given', () => {
    const root = path.join(temporaryFolder(), 'runs')
    const { folder, id } = create(root)
    const record = fs.readFileSync(path.join(folder, 'run.json'))
    for (const place of [root, path.dirname(root), path.join(root, 'first')])
      fs.writeFileSync(path.join(place, 'run.json'), record)
    fs.mkdirSync(path.join(folder, 'inner'))
    for (const cwd of [root, folder, path.join(root, 'first'), path.join(folder, 'inner'), path.dirname(root)]) {
      process.chdir(cwd)
      for (const reference of [
        '',
        '.',
        '..',
        './',
        '../',
        '../..',
        '/',
        './.',
        `../${id}/.`,
        'first',
        'first/',
        'first/..',
        `first/${id}/..`,
        `first/${id}/inner/..`,
        root,
        path.dirname(root),
        path.join(root, 'first'),
      ]) {
        expect(() => openRun(root, reference), `${reference} in ${cwd}`).toThrow(UserError)
      }
    }
  })

  test('a copy under another name and a record that is none are refused', () => {
    const root = temporaryFolder()
    const { folder, id } = create(root)
    fs.cpSync(folder, path.join(root, 'first', 'copy'), { recursive: true })
    fs.cpSync(path.join(root, 'first'), path.join(root, 'third'), { recursive: true })
    for (const reference of ['first/copy', 'copy', `third/${id}`, path.join(root, 'first', 'copy')]) {
      expect(() => openRun(root, reference)).toThrow(/record of the run names another folder|fits more than one/)
    }
    fs.writeFileSync(path.join(folder, 'run.json'), '{}')
    expect(() => openRun(root, `first/${id}`)).toThrow(/does not describe a run/)
  })

  test('links lead to no run, but the folder of all runs may be one', () => {
    const root = temporaryFolder()
    const foreign = create(temporaryFolder())
    const own = create(root, 'own')
    fs.symlinkSync(path.dirname(foreign.folder), path.join(root, 'first'))
    fs.symlinkSync(foreign.folder, path.join(root, 'own', foreign.id))
    for (const reference of [
      `first/${foreign.id}`,
      `own/${foreign.id}`,
      foreign.id,
      path.join(root, 'first', foreign.id),
      foreign.folder,
    ]) {
      expect(() => openRun(root, reference), reference).toThrow(/no such run|names a run|is named/)
    }
    const link = path.join(temporaryFolder(), 'runs')
    fs.symlinkSync(root, link)
    expect(openRun(link, own.id).id).toBe(own.id)
    expect(openRun(link, own.folder).id).toBe(own.id)
  })

  test('whatever the text is, only the folder of a run is ever found', () => {
    const root = temporaryFolder()
    const { id, folder } = create(root)
    const piece = fc.constantFrom(
      '',
      '.',
      '..',
      '/',
      'first',
      id,
      id.slice(0, 8),
      root,
      'run.json',
      '~',
      '*',
      '\0',
      'first/',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 5 }).map(parts => parts.join('/')),
        ),
        reference => {
          try {
            expect(openRun(root, reference).folder).toBe(folder)
          } catch (error) {
            expect(error).toBeInstanceOf(UserError)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('the trash', () => {
  test('a removed run is in no list, and comes back as it was', () => {
    const root = temporaryFolder()
    const run = create(root)
    fs.writeFileSync(path.join(run.folder, 'artifacts', 'report.txt'), 'kept')
    const before = filesBelow(run.folder)
    removeRun(run)
    expect(listRuns({ root })).toEqual({ runs: [], problems: [] })
    expect(removedRuns(root)).toMatchObject([{ experiment: 'first', id: run.id }])
    expect(() => openRun(root, run.id)).toThrow(new RegExp(`ddlf -- runs restore first/${run.id}`))
    expect(restoreRun(root, run.id.slice(0, 12))).toEqual({ experiment: 'first', id: run.id, folder: run.folder })
    expect(filesBelow(run.folder)).toEqual(before)
    expect(removedRuns(root)).toEqual([])
    expect(openRun(root, run.id).folder).toBe(run.folder)
  })

  test('nothing is overwritten, neither in the trash nor on the way back', () => {
    const root = temporaryFolder()
    const run = create(root)
    const copy = temporaryFolder()
    fs.cpSync(run.folder, copy, { recursive: true })
    removeRun(run)
    fs.cpSync(copy, run.folder, { recursive: true })
    expect(() => removeRun(run)).toThrow(/empty-trash/)
    expect(() => restoreRun(root, run.id)).toThrow(/already/)
    expect(runPlaces(root)).toHaveLength(1)
    expect(removedRuns(root)).toHaveLength(1)
  })

  test('a damaged run named in full is removed and brought back; what is no run, or not named in full, is not', () => {
    const root = temporaryFolder()
    const [torn, bare] = [create(root), create(root)]
    for (const content of ['{"torn', '{}']) {
      fs.writeFileSync(path.join(torn.folder, 'run.json'), content)
      expect(() => openRunToMove(root, torn.id)).toThrow(`name it in full: first/${torn.id}`)
      removeRun(openRunToMove(root, `first/${torn.id}`))
      expect(fs.existsSync(torn.folder)).toBe(false)
      expect(restoreRun(root, `first/${torn.id}`).folder).toBe(torn.folder)
      expect(fs.readFileSync(path.join(torn.folder, 'run.json'), 'utf8')).toBe(content)
    }
    fs.rmSync(path.join(bare.folder, 'run.json'))
    expect(openRunToMove(root, `first/${bare.id}`).folder).toBe(bare.folder)
    fs.mkdirSync(path.join(root, 'first', 'photos'))
    fs.symlinkSync(torn.folder, path.join(root, 'first', 'link'))
    for (const reference of ['first/photos', 'first/link', 'first/..', 'first', '../first'])
      expect(() => openRunToMove(root, reference), reference).toThrow(UserError)
  })

  test('what was not removed is answered with what was', () => {
    const root = temporaryFolder()
    const run = create(root)
    expect(() => restoreRun(root, 'photo')).toThrow(/trash is empty[^]*ddlf -- runs --runs/)
    removeRun(run)
    for (const wrong of ['photo', 'a b/c'])
      expect(() => restoreRun(root, wrong)).toThrow(new RegExp(`${wrong}[^]*runs restore --runs ${root}$`))
    expect(() => restoreRun(root, `${run.id}x`)).toThrow(`Did you mean ${run.id}`)
  })

  test('a run that is being worked on is not removed', () => {
    const root = temporaryFolder()
    const run = startRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance })
    expect(() => removeRun(run)).toThrow(/being worked on/)
    expect(fs.existsSync(run.folder)).toBe(true)
    run.fail('over')
    removeRun(run)
    expect(listRuns({ root })).toEqual({ runs: [], problems: [] })
    restoreRun(root, run.id)
    resumeRun({ root, run: run.id, provenance: noProvenance }).fail('over')
  })

  test('emptying ends the removed runs and nothing else, not through links either', () => {
    const root = temporaryFolder()
    const [gone, stays] = [create(root), create(root)]
    const foreign = temporaryFolder()
    fs.writeFileSync(path.join(foreign, 'precious'), '')
    fs.symlinkSync(foreign, path.join(gone.folder, 'artifacts', 'link'))
    removeRun(gone)
    fs.writeFileSync(path.join(trashFolder(root), 'note.txt'), 'not a run')
    emptyTrash(removedRuns(root))
    expect(removedRuns(root)).toEqual([])
    expect(fs.readdirSync(trashFolder(root))).toEqual(['note.txt'])
    expect(fs.readdirSync(foreign)).toEqual(['precious'])
    expect(listRuns({ root }).runs.map(({ id }) => id)).toEqual([stays.id])
  })

  test('what a killed emptying left goes with the next, and nothing of a removed run', () => {
    const root = temporaryFolder()
    const [gone, stays] = [create(root), create(root)]
    const [left, kept] = [removeRun(gone), removeRun(stays)]
    fs.writeFileSync(path.join(kept.folder, '.mine.tmp'), '')
    fs.renameSync(left.folder, path.join(path.dirname(left.folder), `.${left.id}.1-a-0.tmp`))
    expect([sweepTrash(root), sweepTrash(root)]).toEqual([1, 0])
    expect(fs.readdirSync(path.dirname(kept.folder))).toEqual([kept.id])
    expect(fs.existsSync(path.join(kept.folder, '.mine.tmp'))).toBe(true)
  })

  test('a link in place of the trash is refused', () => {
    const root = temporaryFolder()
    const run = create(root)
    const foreign = temporaryFolder()
    fs.symlinkSync(foreign, trashFolder(root))
    expect(() => removeRun(run)).toThrow(/link/)
    expect(fs.readdirSync(foreign)).toEqual([])
    expect(fs.existsSync(run.folder)).toBe(true)
  })
})

test('an earlier copy of a run, which the trash keeps as <id>.1, comes back under its own id', () => {
  const root = temporaryFolder()
  const run = create(root)
  const record = path.join(run.folder, 'run.json')
  const content = fs.readFileSync(record)
  const again = (mark: string) => {
    fs.mkdirSync(run.folder, { recursive: true })
    fs.writeFileSync(record, content)
    fs.writeFileSync(path.join(run.folder, 'mark'), mark)
  }
  for (const mark of ['first', 'second', 'third']) {
    again(mark)
    replaceRun(root, run)
  }
  expect(removedRuns(root).map(({ id }) => id).sort()).toEqual([run.id, `${run.id}.1`, `${run.id}.2`])
  const marks = [`${run.id}.1`, `first/${run.id}.2`, run.id].map(reference => {
    const restored = restoreRun(root, reference)
    expect(restored).toEqual({ experiment: 'first', id: run.id, folder: run.folder })
    const mark = fs.readFileSync(path.join(restored.folder, 'mark'), 'utf8')
    fs.rmSync(run.folder, { recursive: true })
    return mark
  })
  expect(marks).toEqual(['second', 'third', 'first'])
  expect(() => restoreRun(root, `${run.id}.1`)).toThrow(/no such run/)
})
