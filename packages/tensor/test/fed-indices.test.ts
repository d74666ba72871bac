// Indices that are fed are checked before a run, on every runtime, with their place and their input; PyTorch refuses
// the same ones.
import { expect, describe, it } from 'vitest'
import {
  compile, cond, differentiate, embedding, gather, graph, indexPut, input, less, mul, referenceRuntime, reshape,
  scatterAdd, scatterAddAlongAxis, sum, takeAlongAxis, tensor, unsqueeze, UserError, type Runtime, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { indexChecks } from '../src/ops/index-checks.ts'

const table = tensor([[1, 2], [3, 4], [5, 6]])
const grid = tensor([[1, 2, 3], [4, 5, 6]])
const runtimes: readonly (readonly [string, Runtime])[] = [
  ['reference', referenceRuntime],
  ['onnx-node', onnxNodeRuntime({ threads: 1 })],
]

/** What `f` makes of fed indices of a shape. */
async function run(
  runtime: Runtime, f: (indices: Tensor) => Tensor, shape: readonly number[], values: readonly number[],
) {
  const compiled = compile((indices: Tensor) => [f(indices)], [{ shape, dtype: 'int32' }], { runtime })
  try {
    return [...(await compiled(Int32Array.from(values)))[0]!.data]
  } finally {
    await compiled.release()
  }
}

const functions: Readonly<Record<string, (indices: Tensor) => Tensor>> = {
  gather: indices => gather(table, indices),
  embedding: indices => embedding(indices, table),
  takeAlongAxis: indices => takeAlongAxis(table, unsqueeze(indices, 1), 0),
  scatterAdd: indices => scatterAdd(indices, table, 3),
  scatterAddAlongAxis: indices => scatterAddAlongAxis(unsqueeze(indices, 1), tensor([[1], [2], [3]]), 3, 0),
  'gather of reshaped ones': indices => gather(table, reshape(indices, [3, 1])),
}

describe.each(runtimes)('%s', (name, runtime) => {
  it('indexPut refuses an index beyond its axis, whether it is fed or computed', async () => {
    const put = (indices: Tensor) => indexPut(table, indices, tensor([[7, 8]]))
    expect(await run(runtime, put, [1, 1], [-1])).toEqual([1, 2, 3, 4, 7, 8])
    for (const wrong of [3, -4]) {
      await expect(run(runtime, put, [1, 1], [wrong]), String(wrong)).rejects.toThrow(UserError)
      await expect(run(runtime, indices => put(mul(indices, 1)), [1, 1], [wrong]))
        .rejects.toThrow(new RegExp(`every index must [^]*Received: ${wrong}`))
    }
  })

  it.each(Object.entries(functions))('%s refuses an index beyond the axis', async (_, f) => {
    await expect(run(runtime, f, [3], [0, 2, 3])).rejects.toThrow(/every index must be from (-3|0) to 2[^]*Received: 3/)
    await expect(run(runtime, f, [3], [0, -4, 2])).rejects.toThrow(/every index must be from (-3|0) to 2[^]*-4/)
    expect(await run(runtime, f, [3], [2, 0, 1])).not.toEqual([])
  })

  it('embedding refuses what counts from the end, which gather does not', async () => {
    await expect(run(runtime, i => embedding(i, table), [2], [0, -1])).rejects.toThrow(/from 0 to 2[^]*Received: -1/)
    expect(await run(runtime, i => gather(table, i), [2], [0, -1])).toEqual([1, 2, 5, 6])
    expect(await run(runtime, i => embedding(i, table), [2], [0, 2])).toEqual([1, 2, 5, 6])
  })

  it.runIf(name === 'onnx-node')('says where the index stands and in which input', async () => {
    const at = (x: Tensor) => takeAlongAxis(grid, x, 1)
    const indices = input('picked', { shape: [2, 2], dtype: 'int32' })
    const executable = await runtime.compile(graph('picking', [indices], [at(indices)]))
    const wrong = executable.run([Int32Array.of(0, 1, 2, 3)])
    await expect(wrong).rejects.toThrow("Received: 3 at [1, 1] of the input 'picked'")
    expect([...(await executable.run([Int32Array.of(0, 1, 2, -3)]))[0]!]).toEqual([1, 2, 6, 4])
    await executable.release()
  })
})

it('a constant index that names nothing is refused before anything runs', async () => {
  const compiling = async () => {
    const compiled = compile(
      (x: Tensor) => [mul(x, gather(table, tensor([0, 7], { dtype: 'int32' })))],
      [{ shape: [2, 2] }],
      {
        runtime: onnxNodeRuntime({ threads: 1 }),
      },
    )
    await compiled(new Float32Array(4))
  }
  await expect(compiling()).rejects.toThrow(/from -3 to 2[^]*Received: 7/)
})

it('a table and its gradient are one check, and a branch that may not be taken is none', () => {
  const indices = input('tokens', { shape: [4], dtype: 'int32' })
  const x = input('x', { shape: [3, 2], dtype: 'float32' })
  const looked = embedding(indices, x)
  const [slope] = differentiate(sum(looked), [x])
  const checks = indexChecks(graph('looking', [indices, x], [looked, slope as Tensor]))
  const found = checks.map(({ indices: { leaf }, size, fromEnd }) => [leaf?.name, size, fromEnd])
  expect(found).toEqual([['tokens', 3, false]])
  const one = reshape(gather(indices, tensor([0], { dtype: 'int32' })), [])
  const [guarded] = cond(less(one, 3), () => [gather(x, indices)], () => [gather(x, mul(indices, 0))])
  const inside = indexChecks(graph('guarded', [indices, x], [guarded]))
  expect(inside.map(({ indices: { leaf } }) => leaf?.kind)).toEqual(['constant'])
})
