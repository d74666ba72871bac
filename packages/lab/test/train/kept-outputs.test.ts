// What a run keeps of its test set: the raw outputs, and the right answers beside them, so that a report needs no data.
import { expect, test } from 'vitest'
import type { Dataset } from '@ddlf/data'
import { decodeSafetensors, encodeSafetensors } from '../../src/runs/safetensors.ts'
import { keptOutputs } from '../../src/train/evaluator.ts'

const column = (dtype: 'int32' | 'float32', shape: readonly number[], data: Int32Array | Float32Array) => ({
  dtype,
  shape,
  data,
})
const logits = { data: Float32Array.of(0.5, -1, 2, 3), shape: [2] }

test('labels are kept beside logits, as the file gives them back', () => {
  const labels = Int32Array.of(1, 0)
  const dataset: Dataset = { name: 'made', length: 2, columns: { labels: column('int32', [], labels) } }
  const { tensors } = decodeSafetensors(encodeSafetensors(keptOutputs({ outputs: { logits } }, dataset, ['labels'])))
  expect(tensors['logits']).toMatchObject({ dtype: 'float32', shape: [2, 2], data: logits.data })
  expect(tensors['labels']).toMatchObject({ dtype: 'int32', shape: [2], data: labels })
})

test('so are numbers to predict; answers of several numbers, and an output of the same name, stay as they are', () => {
  const prediction = { data: Float32Array.of(1, 2), shape: [] }
  const targets = Float32Array.of(1.5, 2.5)
  const dataset: Dataset = {
    name: 'made',
    length: 2,
    columns: { targets: column('float32', [], targets), labels: column('int32', [3], new Int32Array(6)) },
  }
  const kept = keptOutputs({ outputs: { prediction } }, dataset, ['labels', 'targets'])
  expect(Object.keys(kept)).toEqual(['prediction', 'targets'])
  expect(kept['targets']).toMatchObject({ shape: [2], data: targets })
  const own = keptOutputs({ outputs: { targets: prediction } }, dataset, ['targets'])
  expect(own['targets']).toMatchObject({ data: prediction.data })
})
