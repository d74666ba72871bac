// Judging between epochs: who stops listening leaves no evaluation open behind.
import { expect, test, vi } from 'vitest'
import type { Dataset } from '@ddlf/data'
import { Linear } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { inMemory } from '../../src/data-source/arrays.ts'
import { classification, classificationSettings, experiment } from '../../src/index.ts'
import { Evaluator } from '../../src/train/evaluator.ts'
import { Judge } from '../../src/train/judge.ts'

const LENGTH = 2500
const held: Dataset = {
  name: 'made',
  length: LENGTH,
  columns: {
    images: { dtype: 'float32', shape: [2], data: new Float32Array(2 * LENGTH) },
    labels: { dtype: 'int32', shape: [], data: new Int32Array(LENGTH) },
  },
  classes: ['a', 'b'],
}
const made = experiment({
  name: 'judged', title: '', question: '', data: inMemory('made', { train: held, test: held }),
  config: classificationSettings, task: classification(),
  model: () => new Linear(2, 2),
})

test('a listener who leaves in the middle of a part closes its evaluation', async () => {
  const settings = classificationSettings.parse({})
  const judge = new Judge(
    made, settings, { model: new Linear(2, 2), held: { test: held }, judgedOn: 'test' }, onnxNodeRuntime(),
  )
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called below with the evaluator that it belongs to
  const plain = Evaluator.prototype.evaluating
  let open = 0
  vi.spyOn(Evaluator.prototype, 'evaluating').mockImplementation(async function* (this: Evaluator, ...given) {
    open++
    try {
      return yield* plain.apply(this, given)
    } finally {
      open--
    }
  })
  // A minute goes by between two looks at the clock.
  let minutes = 0
  vi.spyOn(performance, 'now').mockImplementation(() => 60_000 * minutes++)
  try {
    for await (const event of { [Symbol.asyncIterator]: () => judge.evaluate(true) }) {
      expect(event).toMatchObject({ kind: 'judging', part: 'test', done: 1000, total: LENGTH })
      expect(open).toBe(1)
      break
    }
    expect(open).toBe(0)
    // Who stays hears all of it.
    const told: number[] = []
    for await (const { done } of { [Symbol.asyncIterator]: () => judge.evaluate(true) }) told.push(done)
    expect(told).toEqual([1000, 2000])
    expect(open).toBe(0)
    expect(judge.found.get('test')?.metrics).toHaveProperty('accuracy')
  } finally {
    vi.restoreAllMocks()
    await judge.release()
  }
})
