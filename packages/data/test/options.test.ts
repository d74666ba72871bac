// Options misspelt in JavaScript: refused by the loaders and the splits with the nearest name.
import { expect, it } from 'vitest'
import { createLoader, splitDataset, splitIndices, type Dataset } from '../src/index.ts'

const dataset: Dataset = {
  name: 'made',
  length: 4,
  columns: { x: { dtype: 'float32', shape: [], data: new Float32Array(4) } },
}

it.each([
  [
    'createLoader',
    () => createLoader({ dataset, batch_size: 2 } as never),
    /createLoader: there is no option 'batch_size'[^]*Did you mean batchSize\?/,
  ],
  [
    'splitIndices',
    () => splitIndices(dataset, { fractions: { a: 1 }, sed: 1 } as never),
    /splitIndices: there is no option 'sed'[^]*Did you mean seed\?/,
  ],
  [
    'splitDataset',
    () => splitDataset(dataset, { fractions: { a: 1 }, randomState: 1 } as never),
    /splitDataset[^]*Did you mean seed\?/,
  ],
] as [string, () => unknown, RegExp][])('%s', (_name, f, message) => expect(f).toThrow(message))
