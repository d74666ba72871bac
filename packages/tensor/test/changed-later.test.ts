// What is given when a graph is made is read then: lists that are changed later change nothing, on any runtime.
import { describe, expect, it } from 'vitest'
import {
  add, concat, conv2d, graph, input, lowerGraph, maxPool2d, mul, sum,
  type StepProgram, type Tensor, type TypedArray,
} from '../src/index.ts'
import { runOnnxModel } from '../src/node.ts'
import { nodeRuntimes } from './node-runtimes.ts'

const ones = (count: number) => new Float32Array(count).fill(1)
/** As a program without types would change it. */
const changeable = <T>(list: readonly T[]): T[] => list as T[]

describe.each(nodeRuntimes)('on the runtime %s', (_, runtime) => {
  it('outputs that are taken from their list, or put into it, after a graph was made change nothing', async () => {
    const x = input('x', { shape: [1000], dtype: 'float32' })
    const outputs = [add(x, 1), mul(x, 2), sum(x)]
    const closed = graph('g', [x], outputs)
    const compiling = runtime.compile(closed)
    outputs.pop()
    const executable = await compiling
    const results = async () => (await executable.run([ones(1000)])).map(({ length, 0: first }) => [length, first])
    const expected = [[1000, 2], [1000, 2], [1, 1000]]
    expect(await results()).toEqual(expected)
    outputs.length = 0
    for (let i = 0; i < 3; i++) expect(await results()).toEqual(expected)
    outputs.push(x, x, x, x, x)
    expect(await results()).toEqual(expected)
    expect(() => changeable(closed.outputs).pop()).toThrow(TypeError)
    expect(() => changeable(closed.inputs).pop()).toThrow(TypeError)
    await executable.release()
  })

  it('a graph that somebody wrote himself, and a program, are read when they are compiled', async () => {
    const [x, y] = ['x', 'y'].map(name => input(name, { shape: [1000], dtype: 'float32' })) as [Tensor, Tensor]
    const own = { name: 'own', inputs: [x, y], outputs: [add(x, y), mul(x, 2)] }
    const program = { graph: own, stateCount: 1, capturedCount: 0 }
    const [compiling, compilingSteps] = [runtime.compile(own), runtime.compileSteps(program)]
    own.inputs.pop()
    own.outputs.pop()
    program.stateCount = 0
    program.capturedCount = 5
    const [once, steps] = [await compiling, await compilingSteps]
    for (let i = 0; i < 3; i++) {
      const results = await once.run([ones(1000), ones(1000)])
      expect(results.map(({ length, 0: first }) => [length, first])).toEqual([[1000, 2], [1000, 2]])
      const next = ones(1000)
      const [reported] = await steps.run([ones(1000)], [next], [ones(2000)], 2)
      expect([next[0], reported?.length, reported?.[0], reported?.[1000]]).toEqual([3, 2000, 2, 4])
      own.outputs.push(x, y)
    }
    await Promise.all([once.release(), steps.release()])
  })

  it('a program whose counts are other at each look is what it was at the first', async () => {
    const [x, y] = ['x', 'y'].map(name => input(name, { shape: [4], dtype: 'float32' })) as [Tensor, Tensor]
    let looks = 0
    const program: StepProgram = {
      graph: graph('g', [x, y], [add(x, y), mul(x, 2)]),
      get stateCount() {
        return looks++ === 0 ? 1 : 2
      },
    }
    const executable = await runtime.compileSteps(program)
    const next: TypedArray[] = [ones(4)]
    const [reported] = await executable.run([ones(4)], next, [ones(4)], 1)
    expect([next[0]?.[0], reported?.length]).toEqual([2, 4])
    await executable.release()
  })

  it('shapes, attributes and operands in lists are read when a tensor is made', async () => {
    const shape = [1, 2, 5, 5]
    const x = input('x', { shape, dtype: 'float32' })
    const weight = input('w', { shape: [2, 2, 1, 1], dtype: 'float32' })
    const [stride, kernel]: [[number, number], [number, number]] = [[2, 2], [2, 1]]
    const operands = [x, x]
    const outputs = [conv2d(x, weight, undefined, { stride }), maxPool2d(x, { kernel, stride: 2 }), concat(operands, 0)]
    const closed = graph('g', [x, weight], outputs)
    shape[0] = 1000
    stride[0] = 0
    kernel[1] = 1000
    operands.pop()
    const executable = await runtime.compile(closed)
    const results = await executable.run([ones(50), ones(4)])
    expect(results.map(({ length, 0: first }) => [length, first])).toEqual([[18, 2], [12, 1], [100, 1]])
    expect(x.shape).toEqual([1, 2, 5, 5])
    expect(() => (changeable(x.shape)[0] = 1000)).toThrow(TypeError)
    await executable.release()
  })
})

it('an ONNX file is read where its bytes lie, whatever the array says of that', async () => {
  const x = input('x', { shape: [2], dtype: 'float32' })
  const { bytes } = lowerGraph(graph('g', [x], [add(x, 1)]), 'cpu')
  const feeds = { x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } } as const
  const saying = (name: string, value: unknown) => Object.defineProperty(Uint8Array.from(bytes), name, { value })
  for (const told of [
    saying('byteOffset', 2 ** 40), saying('byteLength', 2 ** 31 - 1), saying('buffer', new ArrayBuffer(8)),
  ]) {
    const [results] = await runOnnxModel(told, [feeds])
    expect([...results!['output_0']!.data]).toEqual([2, 3])
  }
  const impostor = Object.create(Uint8Array.prototype, {
    buffer: { value: new ArrayBuffer(8) }, byteOffset: { value: 2 ** 40 }, byteLength: { value: 2 ** 20 },
  }) as Uint8Array
  await expect(runOnnxModel(impostor, [feeds])).rejects.toThrow(TypeError)
  await expect(runOnnxModel('model.onnx' as never, [feeds])).rejects.toThrow(/the model must be the bytes/)
})
