// Every op of the registry over its samples: the reference against the native runtime and against PyTorch, and its
// gradient against finite differences and against PyTorch.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  cast, concat, differentiate, evaluate, flatten, graph, input, mul, registeredOps, sum, Tensor, tensor,
  type TypedArray,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import type { ReferenceArray } from '../src/ir/dtype.ts'
import { cotangent, opCases, sampledOps, type OpCase } from './op-cases.ts'

interface Golden {
  readonly op: string
  readonly index: number
  readonly inputs: readonly (readonly number[])[]
  readonly shape: readonly number[]
  readonly output: readonly number[]
  readonly gradients: readonly (readonly number[] | null)[]
}

/** Numbers that JSON has no notation for are strings in the file. */
const NOT_FINITE: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity }
const golden = JSON.parse(readFileSync(new URL('./golden/ops.json', import.meta.url), 'utf8'), (_, value: unknown) =>
  typeof value === 'string' ? (NOT_FINITE[value] ?? value) : value) as { cases: Golden[] }
/** Ops of our own, which PyTorch does not have; scan and cond have suites of their own. */
const WITHOUT_PEER = new Set(['uniform', 'classLabels', 'cond', 'scan'])
const runtime = onnxNodeRuntime({ threads: 1 })

/** What an op makes of a case; several outputs laid end to end. */
function applyTo({ op, attributes, inputs }: OpCase) {
  const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
  const outputs = Tensor.applyAll(op, leaves, attributes)
  return { leaves, outputs, output: outputs.length === 1 ? outputs[0]! : concat(outputs.map(part => flatten(part))) }
}

/** The case as a graph: the op applied to named inputs, and a scalar that weighs the output by fixed numbers. */
function build(testCase: OpCase) {
  const { op } = testCase
  const { leaves, output } = applyTo(testCase)
  const differentiable = op.gradient !== null && output.dtype === 'float32'
  const loss = differentiable ? sum(mul(output, tensor(cotangent(output.size), { shape: output.shape }))) : undefined
  const wanted = loss ? leaves.filter((leaf, i) => leaf.dtype === 'float32' && reaches(testCase, i)) : []
  return { leaves, output, loss, wanted, gradients: loss ? differentiate(loss, wanted) : [] }
}

/** Whether the op says it has a gradient for its i-th input. */
function reaches(testCase: OpCase, i: number): boolean {
  const { op: { gradient }, attributes } = testCase
  if (typeof gradient !== 'function') return false
  const { leaves, outputs } = applyTo(testCase)
  const gradients = outputs.map(({ shape, size }) => tensor(cotangent(size), { shape }))
  const wanted = leaves.map(() => true)
  return gradient({ inputs: leaves, outputs, gradients, wanted, attributes, regions: [] })[i] instanceof Tensor
}

const dataOf = (testCase: OpCase) => testCase.inputs.map(({ data }) => data)

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i]!
    const message = `element ${i}: ${actual[i]} instead of ${want}`
    if (Number.isFinite(want)) expect(
      Math.abs(actual[i]! - want), message,
    ).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want)))
    else expect(actual[i], message).toBe(want)
  }
}

/** Central differences of the loss in double precision. */
function finiteDifferences(loss: Tensor, fed: Map<Tensor, ReferenceArray>, leaf: Tensor): Float64Array {
  const values = fed.get(leaf)!
  const step = 1e-5
  return Float64Array.from(values, (value, i) => {
    const at = (x: number) => {
      values[i] = x
      return evaluate([loss], fed, 'float64')[0]![0]!
    }
    const slope = (at(value + step) - at(value - step)) / (2 * step)
    values[i] = value
    return slope
  })
}

const cases = opCases()

describe('the registry', () => {
  it('has at least one sample for every op', () => {
    expect([...registeredOps().keys()].filter(name => !sampledOps().includes(name))).toEqual(['cond', 'scan'])
  })

  it('has golden values for every op that PyTorch has too', () => {
    const known = new Set(golden.cases.map(({ op }) => op))
    expect([...registeredOps().keys()].filter(name => !known.has(name) && !WITHOUT_PEER.has(name))).toEqual([])
  })
})

describe.each(sampledOps())('%s', name => {
  for (const testCase of cases.filter(({ op }) => op.name === name)) {
    const tolerance = testCase.op.tolerance ?? 1e-5
    const peer = golden.cases.find(({ op, index }) => op === name && index === testCase.index)

    it(`sample ${testCase.index}: native runtime as reference`, async () => {
      const { leaves, output, gradients } = build(testCase)
      const outputs = [output, ...gradients]
      const fed = new Map(leaves.map((leaf, i) => [leaf, testCase.inputs[i]!.data]))
      const expected = evaluate(outputs, fed)
      const executable = await runtime.compile(graph(name, leaves, outputs))
      const actual: TypedArray[] = await executable.run(dataOf(testCase))
      await executable.release()
      expected.forEach((values, i) => expectClose(actual[i]!, values, tolerance))
    })

    if (build(testCase).loss && !testCase.singular) it(`sample ${testCase.index}: gradient as finite differences`,
      () => {
      const { leaves, loss, wanted, gradients } = build(testCase)
      const fed = new Map<Tensor, ReferenceArray>(leaves.map((leaf, i) => [
        leaf, leaf.dtype === 'float32' ? Float64Array.from(testCase.inputs[i]!.data) : testCase.inputs[i]!.data,
      ]))
      const computed = evaluate(gradients, fed, 'float64')
      wanted.forEach((leaf, i) => expectClose(
        computed[i]!, finiteDifferences(loss!, fed, leaf), Math.max(tolerance, 1e-6),
      ))
    })

    if (peer) it(`sample ${testCase.index}: value and gradient as PyTorch`, () => {
      testCase.inputs.forEach(({ data }, i) => expectClose(data, peer.inputs[i]!, 1e-6))
      const { leaves, output, wanted, gradients } = build(testCase)
      expect([...output.shape]).toEqual(peer.shape)
      const fed = new Map(leaves.map((leaf, i) => [leaf, testCase.inputs[i]!.data]))
      const [values, ...slopes] = evaluate([cast(output, output.dtype), ...gradients], fed)
      expectClose(values!, peer.output, tolerance)
      wanted.forEach((leaf, i) => {
        const expected = peer.gradients[leaves.indexOf(leaf)]
        expect(expected, `PyTorch has a gradient for input ${leaves.indexOf(leaf)}`).toBeTruthy()
        expectClose(slopes[i]!, expected!, tolerance)
      })
    })
  }
})
