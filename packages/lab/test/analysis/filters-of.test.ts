// First layers as pictures.
import { describe, expect, it } from 'vitest'
import { Conv2d, Linear, Sequential } from '@ddlf/nn'
import { decode } from 'fast-png'
import { filtersOf, filtersPng } from '../../src/analysis/attribution/filters-of.ts'

describe('filtersOf', () => {
  it('folds a dense layer to the pixels it reads, and takes a convolution as it is', () => {
    expect(filtersOf(new Sequential(new Linear(12, 5)), { dtype: 'uint8', shape: [3, 2, 2] })?.shape).toEqual([
      5, 3, 2, 2,
    ])
    expect(filtersOf(new Conv2d(1, 6, 5), { dtype: 'uint8', shape: [1, 28, 28] })?.shape).toEqual([6, 1, 5, 5])
  })

  it('says nothing of what is no picture', () => {
    expect(filtersOf(new Linear(4, 5), { dtype: 'float32', shape: [4] })).toBeUndefined()
    expect(filtersOf(new Linear(7, 5), { dtype: 'uint8', shape: [1, 2, 2] })).toBeUndefined()
  })
})

it('filtersPng puts filters side by side, each from black to white, a pixel apart', () => {
  const png = filtersPng({ weights: Float32Array.of(0, 1, 2, 4, -1, -1, -1, 1), shape: [2, 1, 2, 2] })
  const { width, height, data } = decode(png!)
  expect([width, height]).toEqual([5, 2])
  expect([...data]).toEqual([0, 64, 0, 0, 0, 128, 255, 0, 0, 255])
})
