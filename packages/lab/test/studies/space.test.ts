// Search spaces: what is refused, the written form, and Optuna's representation of distributions.
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkParams,
  countValues,
  distributionFromOptuna,
  distributionToOptuna,
  floatRange,
  formatParameter,
  intRange,
  isActive,
  oneOf,
  parameterGroups,
  parseParameter,
  parseSpace,
  searchSpace,
  spaceDifference,
  when,
  type Choice,
  type Distribution,
} from '../../src/studies/index.ts'
import { contains, fromInternal, snap, toInternal } from '../../src/studies/space/distribution.ts'
import { fromUnit, toUnit, valueAt } from '../../src/studies/space/unit-interval.ts'
import golden from './golden/distributions.json' with { type: 'json' }

describe('distributions', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['an empty range', () => floatRange(1, 0), /empty[\s\S]*1 \.\. 0[\s\S]*0 \.\. 1/],
    ['a logarithm from zero', () => floatRange(0, 1, { log: true }), /begins above zero/],
    ['a logarithm of negative integers', () => intRange(-4, 8, { log: true }), /begins above zero[\s\S]*Begin at 1/],
    ['a step that does not divide', () => floatRange(0, 1, { step: 0.3 }), /does not divide[\s\S]*0\.9 or 1\.2/],
    ['an integer step that does not divide', () => intRange(1, 10, { step: 4 }), /End at 9 or 13/],
    ['a step of zero', () => floatRange(0, 1, { step: 0 }), /positive number/],
    ['a logarithm with a step', () => floatRange(1, 9, { log: true, step: 1 }), /has no step/],
    ['fractions as bounds of integers', () => intRange(0.5, 3), /are integers/],
    ['NaN', () => floatRange(NaN, 1), /finite/],
    ['no choice', () => oneOf([]), /at least one choice/],
    ['a choice twice', () => oneOf(['a', 'b', 'a']), /once[\s\S]*"a", twice/],
    ['an object as a choice', () => oneOf([{} as string]), /A choice is a string/],
    ['an unknown option', () => floatRange(0, 1, { logarithmic: true } as never), /no option 'logarithmic'/],
  ])('refuse %s', (_name, make, message) => {
    expect(make).toThrow(UserError)
    expect(make).toThrow(message)
  })

  it('count their values and know them', () => {
    expect(countValues(floatRange(0, 1, { step: 0.1 }))).toBe(11)
    expect(countValues(floatRange(0, 1))).toBe(Infinity)
    expect(countValues(intRange(16, 512, { step: 16 }))).toBe(32)
    expect(countValues(oneOf([null, 1, 'a']))).toBe(3)
    expect(contains(floatRange(0, 1, { step: 0.1 }), 0.3)).toBe(true)
    expect(contains(floatRange(0, 1, { step: 0.1 }), 0.35)).toBe(false)
    expect(contains(intRange(1, 4), 2.5)).toBe(false)
    expect(contains(oneOf(['1']), 1)).toBe(false)
    expect(snap(floatRange(0, 1, { step: 0.1 }), 0.31)).toBe(0.3)
  })

  it('have the internal representation of Optuna: choices by index', () => {
    const choices = oneOf(['sgd', null, 3, true])
    for (const choice of choices.choices) expect(fromInternal(choices, toInternal(choices, choice))).toBe(choice)
    expect(toInternal(choices, null)).toBe(1)
  })

  it('are written and read as Optuna writes them', () => {
    const made = [
      floatRange(0, 1), floatRange(1e-5, 0.1, { log: true }), floatRange(-1, 1, { step: 0.25 }),
      intRange(1, 10), intRange(16, 512, { step: 16 }), intRange(1, 1024, { log: true }),
      oneOf(['sgd', 'adam', null, 3, 0.5, true]),
    ]
    expect(golden.json.map(distributionFromOptuna)).toEqual(made)
    // Python writes 0.0 for 0, and a space behind colons and commas: the same JSON values.
    expect(made.map(d => JSON.parse(distributionToOptuna(d)) as unknown)).toEqual(
      golden.json.map(json => JSON.parse(json) as unknown),
    )
    expect(distributionFromOptuna('{"name": "LogUniformDistribution", "attributes": {"low": 0.1, "high": 1}}')).toEqual(
      floatRange(0.1, 1, { log: true }),
    )
    expect(() => distributionFromOptuna('{"name": "Normal"}')).toThrow(UserError)
  })
})

describe('the unit interval', () => {
  it('gives every step an equal share', () => {
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 400; i++) counts[Number(valueAt(intRange(0, 3), (i + 0.5) / 400))]!++
    expect(counts).toEqual([100, 100, 100, 100])
    expect(fromUnit(floatRange(1e-4, 1, { log: true }), 0.5)).toBeCloseTo(1e-2, 12)
    expect(toUnit(floatRange(1e-4, 1, { log: true }), 1e-2)).toBeCloseTo(0.5, 12)
  })
})

describe('spaces', () => {
  const space = searchSpace({
    optimizer: oneOf(['sgd', 'adam']),
    momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
    learningRate: floatRange(1e-5, 0.1, { log: true }),
    nesterov: when(oneOf([true, false]), 'optimizer', ['sgd']),
  })

  it('know which parameters exist', () => {
    expect(isActive(space['momentum']!, { optimizer: 'adam' })).toBe(false)
    expect(isActive(space['momentum']!, { optimizer: 'sgd' })).toBe(true)
    expect(parameterGroups(space).map(group => group.names)).toEqual([
      ['optimizer', 'learningRate'],
      ['momentum', 'nesterov'],
    ])
    expect(() => { checkParams(space, { optimizer: 'adam', learningRate: 0.01 }) }).not.toThrow()
  })

  it.each<[string, Record<string, Choice>, RegExp]>([
    ['a missing one', { optimizer: 'adam' }, /learningRate has a value/],
    ['one that must not be there', { optimizer: 'adam', learningRate: 0.01, momentum: 0.5 }, /has no value here/],
    ['one outside', { optimizer: 'adam', learningRate: 1 }, /outside its range/],
    ['an unknown one', { optimiser: 'adam', learningRate: 0.01 }, /Did you mean optimizer/],
  ])('refuse values with %s', (_name, params, message) => {
    expect(() => { checkParams(space, params) }).toThrow(message)
  })

  it.each<[string, () => unknown, RegExp]>([
    ['no parameter', () => searchSpace({}), /at least one parameter/],
    [
      'a condition on a later parameter',
      () => searchSpace({ a: when(intRange(1, 2), 'b', [1]), b: intRange(1, 2) }),
      /no earlier parameter[^]*Put b before a/,
    ],
    [
      'a condition on what is no parameter',
      () => searchSpace({ a: when(intRange(1, 2), 'optimizer', ['sgd']) }),
      /Tune optimizer too, written before it: optimizer=choice:sgd,\.\.\.; or leave the condition out/,
    ],
    ['a condition on itself', () => searchSpace({ a: when(intRange(1, 2), 'a', [1]) }), /cannot depend on itself/],
    [
      'a condition that cannot hold',
      () => searchSpace({ a: oneOf(['x']), b: when(intRange(1, 2), 'a', ['y']) }),
      /can never hold[\s\S]*"x"/,
    ],
    ['a number as a name', () => searchSpace({ 1: intRange(1, 2) }), /not a number/],
    [
      'an empty range, with the name of the parameter',
      () => searchSpace({ width: { kind: 'int', low: 4, high: 1, log: false, step: 1 } }),
      /Parameter width: This range is empty/,
    ],
  ])('refuse %s', (_name, make, message) => {
    expect(make).toThrow(UserError)
    expect(make).toThrow(message)
  })

  it('say what changed', () => {
    expect(spaceDifference(space, space)).toBeUndefined()
    expect(spaceDifference({ a: intRange(1, 2) }, { a: intRange(1, 3) })).toBe('the range of a changed')
    expect(spaceDifference({ a: intRange(1, 2) }, { b: intRange(1, 2) })).toBe('a was a parameter and is none now')
  })
})

describe('the written form', () => {
  it.each<[string, Distribution]>([
    ['log:1e-5..1e-1', floatRange(1e-5, 1e-1, { log: true })],
    ['int:1..10', intRange(1, 10)],
    ['int:16..512:16', intRange(16, 512, { step: 16 })],
    ['logint:1..1024', intRange(1, 1024, { log: true })],
    ['float:0..1', floatRange(0, 1)],
    ['float:-.5...5', floatRange(-0.5, 0.5)],
    ['step:0..1:0.1', floatRange(0, 1, { step: 0.1 })],
    ['choice:32,64,128', oneOf([32, 64, 128])],
    ['choice:relu, null,true,"32","a,b"', oneOf(['relu', null, true, '32', 'a,b'])],
  ])('%s', (text, distribution) => {
    expect(parseParameter(`x=${text}`)).toEqual(['x', distribution])
  })

  it('has conditions', () => {
    expect(parseSpace(['optimizer=choice:sgd,adam', 'momentum=float:0..0.99 if optimizer=sgd'])).toEqual({
      optimizer: oneOf(['sgd', 'adam']),
      momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
    })
  })

  it.each([
    ['x', /name=range/],
    ['x=lgo:1..2', /Did you mean log/],
    ['x=1..2', /begins with its kind/],
    ['x=float:1', /low\.\.high/],
    ['x=float:1..2..3', /low\.\.high/],
    ['x=step:0..1', /low\.\.high:step/],
    ['x=choice:', /not empty/],
    ['x=choice:1,,2', /not empty/],
    ['x=choice:"a', /JSON string/],
    ['x=log:0..1', /above zero/],
    ['x=float:0..1:0.3', /does not divide/],
    ['x=float:0..1 if y', /A condition is written/],
    ['x=choice:1,1', /once/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSpace([text])).toThrow(UserError)
    expect(() => parseSpace([text])).toThrow(message)
  })

  it('refuses a name given twice', () => {
    expect(() => parseSpace(['x=int:1..2', 'x=int:1..3'])).toThrow(/x, twice/)
  })

  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
  const anyDistribution: fc.Arbitrary<Distribution> = fc.oneof(
    fc.tuple(number, number).map(([a, b]) => floatRange(Math.min(a, b) + 0, Math.max(a, b) + 0)),
    fc
      .tuple(fc.integer(), fc.nat(1000), fc.integer({ min: 1, max: 50 }))
      .map(([low, count, step]) => intRange(low, low + count * step, { step })),
    fc.tuple(fc.integer({ min: 1 }), fc.nat(100)).map(([low, more]) => intRange(low, low + more, { log: true })),
    fc
      .uniqueArray(
        fc.oneof(
          fc.string(),
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
          number.map(n => n + 0),
        ),
        { minLength: 1 },
      )
      .map(oneOf),
  )

  it('is read back as it was', () => {
    fc.assert(fc.property(anyDistribution, distribution => {
      expect(parseParameter(formatParameter('x', distribution))).toEqual(['x', distribution])
      expect(distributionFromOptuna(distributionToOptuna(distribution))).toEqual(distribution)
    }))
  })

  it('is read back with its condition', () => {
    const parameter = when(floatRange(0, 1), 'layer if', ['a if b=c', '"', 3])
    expect(parseParameter(formatParameter('x', when(floatRange(0, 1), 'layer', parameter.when!.isOneOf)))).toEqual([
      'x',
      { ...parameter, when: { ...parameter.when, parameter: 'layer' } },
    ])
  })
})
