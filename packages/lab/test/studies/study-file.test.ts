// Files that describe a study, in YAML and as modules: every form of a range, conditions, and mistakes in words.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { floatRange, intRange, oneOf, readDescription, when } from '../../src/index.ts'
import { readStudyFile } from '../../src/node.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const read = (text: string, ending = 'yaml', folder = temporaryFolder()) => {
  const file = path.join(folder, `study.${ending}`)
  fs.writeFileSync(file, text)
  return readStudyFile(file)
}

/** What is said of a mistake: the rule, what was received, what to do. */
async function mistake(text: string): Promise<string> {
  const error: unknown = await read(text).catch((reason: unknown) => reason)
  if (!(error instanceof UserError)) throw new Error(`no mistake: ${JSON.stringify(error)}`)
  const { rule, received, next } = error.parts
  expect(received).toBeTruthy()
  expect(next).toBeTruthy()
  return `${rule} Received: ${received} Next: ${next}`
}

describe('a YAML file', () => {
  it('describes a whole study, with every form of a range and with conditions', async () => {
    const found = await read(`
experiment: mlp-on-mnist
study: wide
trials: 60
settings: { epochs: 5, hidden: [128, 64], schedule: cosine }
enqueue: [{ learningRate: 0.1, optimizer: sgd }]
space:
  learningRate: log:1e-5..1e-1
  batchSize: [32, 64, 128]
  dropout: { float: [0, 0.5], step: 0.1 }
  hidden.0: { logint: [16, 512] }
  hidden.1: { int: [16, 128], step: 16 }
  optimizer: { choice: [sgd, adam] }
  momentum: { float: [0, 0.99], when: { optimizer: sgd } }
  beta1: float:0.5..0.99 if optimizer=adam
  nesterov: { choice: [true, false], when: { optimizer: [sgd] } }
sampler: gp
pruner: asha
objectives: error
timeout: 2h
keep: best
`)
    expect(found).toEqual({
      experiment: 'mlp-on-mnist',
      study: 'wide',
      trials: 60,
      enqueue: [{ learningRate: 0.1, optimizer: 'sgd' }],
      set: ['epochs=5', 'hidden=128,64', 'schedule=cosine'],
      space: {
        'learningRate': floatRange(1e-5, 1e-1, { log: true }),
        'batchSize': oneOf([32, 64, 128]),
        'dropout': floatRange(0, 0.5, { step: 0.1 }),
        'hidden.0': intRange(16, 512, { log: true }),
        'hidden.1': intRange(16, 128, { step: 16 }),
        'optimizer': oneOf(['sgd', 'adam']),
        'momentum': when(floatRange(0, 0.99), 'optimizer', ['sgd']),
        'beta1': when(floatRange(0.5, 0.99), 'optimizer', ['adam']),
        'nesterov': when(oneOf([true, false]), 'optimizer', ['sgd']),
      },
      sampler: 'gp',
      pruner: 'asha',
      objectives: ['error'],
      timeout: '2h',
      keep: 'best',
    })
    // The order of the file is the order of drawing.
    expect(Object.keys(found?.space ?? {})[5]).toBe('optimizer')
    expect(await read('{ "experiment": "mlp-on-mnist", "trials": 3 }', 'json')).toEqual({
      experiment: 'mlp-on-mnist',
      trials: 3,
      set: [],
    })
  })

  it.each([
    ['experiment: a\nspace:\n  x: [1, 2', /is not YAML\. Received: .*at line \d+.* Next: Mend the line/],
    ['experiment: a\nexperiment: b', /is not YAML\. Received: Map keys must be unique at line 2, column 1/],
    ['- a', /described by fields\. Received: \["a"\] Next: Begin with experiment/],
    ['trials: 4', /experiment is the name of an experiment, .* Received: nothing/],
    ['experiment: a\ntrails: 4', /no field of this name\. Received: trails Next: Did you mean 'trials'\?/],
    ['experiment: a\ntrials: many', /trials is a whole number of at least 1\. Received: "many"/],
    ['experiment: a\ntrials: 0', /trials is a whole number of at least 1\. Received: 0/],
    ['experiment: a\nkeep: some', /keep is all or best\. Received: "some"/],
    ['experiment: a\nsampler: tpf', /no sampler of this name\. Received: tpf Next: Did you mean 'tpe'\?/],
    ['experiment: a\nspace: { x: 4 }', /parameter x: A parameter has a range\. Received: 4/],
    ['experiment: a\nspace: { x: { float: [1, 0] } }', /parameter x: This range is empty.* Received: 1 \.\. 0/],
    ['experiment: a\nspace: { x: { log: [0, 1] } }', /parameter x: A logarithmic range begins above zero/],
    ['experiment: a\nspace: { x: "log:0..1" }', /parameter x: A logarithmic range begins above zero/],
    ['experiment: a\nspace: { x: { float: [0, 1], int: [0, 1] } }', /A range has one kind/],
    ['experiment: a\nspace: { x: { float: [0, 1], stop: 2 } }', /A range has no stop/],
    ['experiment: a\nspace: { x: { log: [1, 2], step: 1 } }', /A step is a number, and belongs to a float or an int/],
    ['experiment: a\nspace: { x: { int: [0, 1, 2] } }', /A range has two ends/],
    ['experiment: a\nspace: { x: [] }', /at least one choice/],
    ['experiment: a\nspace: { x: [{ a: 1 }] }', /A choice is a string, a finite number/],
    ['experiment: a\nspace: {}', /at least one parameter/],
    [
      'experiment: a\nspace: { x: { int: [0, 1], when: sgd } }',
      /A condition names one earlier parameter.* Next: Write/,
    ],
    [
      'experiment: a\nspace: { o: [sgd], x: { int: [0, 1], when: { p: sgd } } }',
      /Parameter x: its condition names no earlier parameter\. Received: p Next: Did you mean o\?/,
    ],
    [
      'experiment: a\nspace: { o: [sgd], x: { int: [0, 1], when: { o: adam } } }',
      /Parameter x: its condition can never hold\. Received: o = "adam" Next: The choices are "sgd"/,
    ],
  ])('with a mistake says where and what to write: %j', async (text, expected) => {
    expect(await mistake(text)).toMatch(expected)
  })

  it('that is absent, too long or a bomb of aliases is refused in words', async () => {
    await expect(readStudyFile(path.join(temporaryFolder(), 'none.yaml'))).rejects.toThrow(/no such file[^]*none\.yaml/)
    await expect(read(`experiment: ${'a'.repeat(2 ** 20)}`)).rejects.toThrow(/description of a study is short/)
    const bomb = ['a: &a [x, x, x, x, x, x, x, x]', ...'bcdefg'.split('').map((name, i) => {
      const before = '*' + 'abcdefg'[i]!
      return `${name}: &${name} [${Array.from({ length: 8 }, () => before).join(', ')}]`
    })].join('\n')
    await expect(read(`experiment: a\nsettings:\n${bomb.replaceAll(/^/gm, '  ')}`)).rejects.toThrow(UserError)
  })

  it('holds any space: what is written as objects is read as it was', async () => {
    const folder = temporaryFolder()
    const bounds = fc
      .tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1000 }))
      .map(([low, more]) => [low, low + more] as const)
    const choice = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null))
    const parameter = fc.oneof(
      bounds.map(([low, high]) => [{ float: [low, high] }, floatRange(low, high)] as const),
      bounds.map(([low, high]) => [{ log: [low, high] }, floatRange(low, high, { log: true })] as const),
      bounds.map(([low, high]) => [{ int: [low, high] }, intRange(low, high)] as const),
      bounds.map(([low, high]) => [{ logint: [low, high] }, intRange(low, high, { log: true })] as const),
      fc
        .uniqueArray(choice, { minLength: 1, maxLength: 5 })
        .map(choices => [{ choice: choices }, oneOf(choices)] as const),
    )
    const name = fc.stringMatching(/^[a-z][a-zA-Z]{0,8}$/)
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, parameter, { minKeys: 1, maxKeys: 5 }), async given => {
        const part = (i: 0 | 1) => Object.fromEntries(Object.entries(given).map(([key, pair]) => [key, pair[i]]))
        const found = await read(stringify({ experiment: 'a', space: part(0) }), 'yaml', folder)
        expect(found?.space).toEqual(part(1))
      }),
      { numRuns: 40 },
    )
  })
})

describe('a module', () => {
  const lab = new URL('../../src/index.ts', import.meta.url).href

  it('describes a study with ranges of the laboratory', async () => {
    const found = await read(
      `
import { floatRange, oneOf, when } from '${lab}'
export default {
  experiment: { name: 'mine' },
  space: {
    rate: floatRange(1e-5, 1e-1, { log: true }),
    optimizer: oneOf(['sgd', 'adam']),
    momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
    width: 'int:4..12',
  },
  settings: { epochs: 2 },
}
`,
      'mts',
    )
    expect(found).toEqual({
      experiment: 'mine',
      set: ['epochs=2'],
      space: {
        rate: floatRange(1e-5, 1e-1, { log: true }),
        optimizer: oneOf(['sgd', 'adam']),
        momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
        width: intRange(4, 12),
      },
    })
  })

  it('without a description is none, and one that cannot be loaded says where', async () => {
    expect(await read('export const a = 1', 'mjs')).toBeUndefined()
    await expect(read('throw new Error("no way")', 'mjs')).rejects.toThrow(/cannot be loaded[^]*no way/)
    expect(() => readDescription({ experiment: 'a', space: { x: { kind: 'float', low: 2, high: 1 } } }, 'f')).toThrow(
      /f: Parameter x: This range is empty/,
    )
  })
})
