// MNIST as it is installed, against the counts and statistics of its card.
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { classCounts, datasetCard } from '../src/index.ts'
import { loadDataset } from '../src/node.ts'

describe('MNIST', () => {
  it.each(['train', 'test'])('loads its %s split with the counts of the card', async split => {
    const dataset = await loadDataset('mnist', { split })
    const card = datasetCard('mnist').splits.find(({ name }) => name === split)
    expect(dataset.length).toBe(card?.examples)
    expect(classCounts(dataset)).toEqual(card?.perClass)
    expect(dataset.columns['images']).toMatchObject({ dtype: 'uint8', shape: [1, 28, 28] })
    expect(dataset.columns['labels']?.data.subarray(0, 5)).toEqual(
      split === 'train' ? Int32Array.of(5, 0, 4, 1, 9) : Int32Array.of(7, 2, 1, 0, 4),
    )
  })
  it('has the mean and standard deviation that the card states', async () => {
    const { data } = (await loadDataset('mnist')).columns['images']!
    let sum = 0
    let squares = 0
    for (const value of data) {
      sum += value / 255
      squares += (value / 255) ** 2
    }
    const mean = sum / data.length
    const { normalization } = datasetCard('mnist')
    expect(mean).toBeCloseTo(normalization!.mean[0]!, 4)
    expect(Math.sqrt(squares / data.length - mean ** 2)).toBeCloseTo(normalization!.standardDeviation[0]!, 4)
  })
  it('reads into shared memory when asked', async () => {
    const dataset = await loadDataset('mnist', { split: 'test', shared: true })
    for (const { data } of Object.values(dataset.columns)) expect(data.buffer).toBeInstanceOf(SharedArrayBuffer)
  })
  it('names the nearest set and the splits there are', async () => {
    await expect(loadDataset('mnits')).rejects.toThrow(/did you mean 'mnist'/)
    await expect(loadDataset('mnist', { split: 'dev' })).rejects.toThrow(UserError)
    await expect(loadDataset('mnist', { split: 'dev' })).rejects.toThrow(/train, test/)
  })
})
