// How many examples an evaluation computes at once follows from its largest tensor, wherever that is made, and from all
// that it holds at once.
import { describe, expect, it } from 'vitest'
import type { Dataset } from '@ddlf/data'
import { Linear } from '@ddlf/nn'
import { add, cond, expand, greater, mul, scan, sum, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { inMemory } from '../../src/data-source/arrays.ts'
import {
  classification, classificationSettings, experiment, type ClassificationSettings, type Task,
} from '../../src/index.ts'
import { Evaluator } from '../../src/train/evaluator.ts'

const LENGTH = 7
const held: Dataset = {
  name: 'made',
  length: LENGTH,
  columns: { x: { dtype: 'float32', shape: [1], data: new Float32Array(LENGTH).fill(1) } },
}

/** Elements that each example is made into: three examples fit into 2^28 bytes. */
const WIDE = Math.floor(2 ** 26 / 3)
const wide = (x: Tensor): Tensor => sum(expand(x, [x.shape[0] as number, WIDE]), { axes: 1 })

/** A task that makes something of each example, as a sum or to be kept. */
function taskOf(make: (x: Tensor) => Tensor, isKept: boolean): Task<ClassificationSettings> {
  const made = ({ x }: { readonly x?: Tensor }) => make(x as Tensor)
  return {
    ...classification({ input: 'x' }),
    evaluate: {
      columns: ['x'], keep: ['made'],
      compute: (_, batch) => ({
        sums: { all: sum(isKept ? (batch['x'] as Tensor) : made(batch)) }, outputs: { made: made(batch) },
      }),
      metrics: sums => ({ all: sums['all']?.[0] ?? Number.NaN }),
    },
  }
}

/** How many examples are done after each batch of an evaluation. */
async function batchesOf(task: Task<ClassificationSettings>): Promise<number[]> {
  const made = experiment({
    name: 'made', title: '', question: '', data: inMemory('made', { train: held, test: held }),
    config: classificationSettings, task, model: () => new Linear(1, 1),
  })
  const runtime = onnxNodeRuntime({ threads: 1 })
  const evaluator = new Evaluator(made, classificationSettings.parse({}), new Linear(1, 1), runtime)
  const done: number[] = []
  for await (const count of evaluator.evaluating(held)) done.push(count)
  await evaluator.release()
  return done
}

describe.each<readonly [string, (x: Tensor) => Tensor]>([
  ['in the graph', wide],
  ['in the body of a loop', x =>
    scan(([carry]) => ({ carry: [wide(carry.reshape([-1, 1]))] }), [x.reshape([-1])], [], { length: 1 }).carry[0]],
  ['in a branch', x => cond(greater(sum(x), 0), () => [wide(x)], () => [sum(x, { axes: 1 })])[0]],
])('the largest tensor %s', (_, make) => {
  it.each([['for a sum', false], ['for what is kept', true]] as const)('%s', async (_name, isKept) => {
    expect(await batchesOf(taskOf(make, isKept))).toEqual([3, 6, 7])
  })
})

/** Elements; sixteen times as many, and a sum of two, are held at once: two examples fit into 2^30 bytes. */
const NARROW = Math.floor(2 ** 28 / 2 / 17.5)
/** Many of one size; each is read when all are made, or at once. */
function many(x: Tensor, isReadAtOnce: boolean): Tensor {
  const column = x.reshape([-1, 1])
  const one = (i: number) => expand(mul(column, i + 1), [x.shape[0] as number, NARROW])
  const all = Array.from({ length: 16 }, (_, i) => (isReadAtOnce ? sum(one(i), { axes: 1, keepDims: true }) : one(i)))
  return sum(all.reduceRight((so, next) => add(next, so)), { axes: 1 })
}

it.each([
  ['kept until all are made', false, [2, 4, 6, 7]],
  ['read as soon as they are made', true, [7]],
])('what is %s', async (_, isReadAtOnce, expected) => {
  expect(await batchesOf(taskOf(x => many(x, isReadAtOnce), false))).toEqual(expected)
})
