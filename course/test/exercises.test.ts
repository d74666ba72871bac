// Every exercise: its hole fails with an explanation, its answer passes, typical mistakes are named, and it has hints.
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { agrees } from '../exercise.ts'
import { topics } from '../index.ts'

const all = new URL('../topics/', import.meta.url)
const folders = readdirSync(all)

for (const topic of topics.filter(({ exercises }) => exercises !== undefined)) {
  const name = folders.find(folder => folder.replace(/^\d+-/, '') === topic.slug) ?? topic.slug
  const folder = new URL(`${name}/exercises/`, all)
  describe.each([...(topic.exercises ?? [])])(`${topic.slug}: $name`, exercise => {
    const load = async (part: string, file = exercise.name) =>
      (await import(new URL(`${part}/${file}.ts`, folder).href)) as Record<string, unknown>

    it('has a hole whose check explains what is missing', async () => {
      const finding = exercise.check(await load('holes'))
      expect(finding?.because).toMatch(/\.$/)
      expect(finding?.call).toContain('(')
    })
    it('has an answer that passes', async () => {
      expect(exercise.check(await load('answers'))).toBeUndefined()
    })
    // A wrong answer says itself which words of the explanation name its mistake.
    it.runIf(existsSync(new URL('wrong/', folder)))('names two typical mistakes at least', async () => {
      const files = readdirSync(new URL(`wrong/${exercise.name}/`, folder))
      expect(files.length).toBeGreaterThanOrEqual(2)
      for (const file of files) {
        const { mistake, ...work } = await load(`wrong/${exercise.name}`, file.replace(/\.ts$/, ''))
        expect(exercise.check(work)?.because, file).toContain(mistake)
      }
    })
    it('has hints', () => {
      expect(exercise.hints.length).toBeGreaterThanOrEqual(2)
      expect(existsSync(new URL(`holes/${exercise.name}.ts`, folder))).toBe(true)
    })
    it('says so when the function is missing', () => {
      expect(exercise.check({})?.because).toContain('must export')
    })
  })
}

describe('numbers that are compared', () => {
  it('may stand in typed arrays', () => {
    expect(agrees(Float64Array.of(1, 2), [1, 2])).toBe(true)
    expect(agrees({ rows: [Float32Array.of(0.1)] }, { rows: [[0.1]] })).toBe(true)
    expect(agrees(Float64Array.of(1, 2), [1, 2, 3])).toBe(false)
    expect(agrees(new DataView(new ArrayBuffer(8)), [])).toBe(false)
    // There may be a thousand million numbers: their length is looked at, and they are not gone through.
    const given = Object.assign(new Float32Array(5), { [Symbol.iterator]: () => { throw new Error('gone through') } })
    expect(agrees(given, [0])).toBe(false)
    expect(agrees(given, [0, 0, 0, 0, 0])).toBe(true)
  })
  it.each([
    ['log-odds', 'logOdds', () => Float64Array.of(-Infinity, 0), 'add the smoothing'],
    ['max-pooling-backwards', 'maxPoolBackward',
      (picture: number[][]) => picture.map(row => new Float32Array(row.length).fill(9)), 'the first of them alone'],
    ['convolution', 'convolve', () => [Float32Array.of(1)], 'too few'],
  ] as const)('are told apart in typed arrays as in others: %s', (exercise, name, work, because) => {
    const found = topics.flatMap(({ exercises = [] }) => exercises).find(one => one.name === exercise)
    expect(found?.check({ [name]: work })?.because).toContain(because)
  })
})
