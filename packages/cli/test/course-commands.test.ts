// The commands of learners and authors as they are typed: exercises, recordings, and whether recorded results hold.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { topics } from '@ddlf/course'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledProgram } from '../../../test/compiled.ts'

const answers = fileURLToPath(new URL('../../../course/topics/01-mlp-on-mnist/exercises/answers/', import.meta.url))
const every = topics.reduce((sum, { exercises = [] }) => sum + exercises.length, 0)
const folder = mkdtempSync(join(tmpdir(), 'ddlf-course-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ddlf(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiledProgram, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, text: stdout + stderr }
}

describe('ddlf exercise', () => {
  it('lays the file out, explains what is wrong, gives hints and an answer, and counts what is solved', () => {
    expect(ddlf('exercise').text).toContain(`0 of ${every} solved`)
    expect(ddlf('exercise', 'momentum').text).toContain('exercises/mlp-on-mnist/momentum.ts')
    const wrong = ddlf('exercise', 'momentum')
    expect(wrong.status).toBe(1)
    expect(wrong.text).toContain('moved along the gradient alone')
    expect(ddlf('exercise', 'momentum', '--hint', '1').text).toContain('new velocity')
    expect(ddlf('exercise', 'momentum', '--answer').text).toContain('export function momentumStep')
    copyFileSync(join(answers, 'momentum.ts'), join(folder, 'exercises/mlp-on-mnist/momentum.ts'))
    expect(ddlf('exercise', 'momentum')).toMatchObject({ status: 0 })
    expect(ddlf('exercise').text).toContain(`1 of ${every} solved`)
  }, 600_000)

  it('names the nearest exercise', () => {
    expect(ddlf('exercise', 'momentun').text).toContain("Did you mean 'momentum'?")
  })
})

describe('ddlf reproduce and ddlf record', () => {
  it('trains the cheapest setting again and finds that its line holds', () => {
    const { status, text } = ddlf(
      'reproduce',
      'mlp-on-mnist',
      '--quick',
      '--only',
      'mlp-linear-classifier',
      '--runs',
      join(folder, 'runs'),
    )
    expect(text).toContain('1 of 1 lines hold')
    expect(status).toBe(0)
  }, 600_000)

  it('takes a topic by its short name or by its address, in any case', () => {
    for (const name of ['intro-level-CNN', '/30ddlf/lets-go-deeper-in-CNN', 'deeper-in-cnn']) {
      expect(ddlf('reproduce', name, '--only', 'foo').text).toContain('has no recorded experiment of this name.')
    }
    expect(ddlf('reproduce', 'intro-level-cnm').text).toContain("Did you mean 'intro-level-cnn'?")
  })

  it('says what is not recorded, and writes nothing without runs', () => {
    expect(ddlf('record', 'mlp-on-mnist', '--runs', join(folder, 'none')).text).toContain('5 of 5 runs are missing')
    expect(ddlf('record', 'lenet-5').text).toMatch(/No topic lists this experiment|no experiment of this name/)
    expect(ddlf('record', 'mlp-on-mnist', '--seeds', 'two').text).toContain(
      '--seeds takes a whole number of at least 1',
    )
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })
})

describe('ddlf new', () => {
  it('refuses a name that is taken or is no slug, and days that are taken or none', () => {
    expect(ddlf('new', 'mlp-on-mnist').text).toContain('which is 01-mlp-on-mnist')
    expect(ddlf('new', 'My Topic').text).toContain('lower-case words joined by dashes')
    expect(ddlf('new', 'my-topic', '--days', '2-3').text).toMatch(
      /Multilayer perceptron on MNIST has days 1-2\n.*The first free day is 31/,
    )
    expect(ddlf('new', 'my-topic', '--days', '32-31').text).toContain('the first must not come after the last')
    expect(ddlf('new', 'my-topic', '--days', 'two').text).toContain('written from-to')
  })
})
