// A training whose weights alone take more memory than the machine has is refused before the memory is taken.
import { expect, it } from 'vitest'
import { Linear } from '@ddlf/nn'
import { z } from 'zod'
import { experiment, parseSettings, publishedSet, regression, trainingSettings } from '../../src/index.ts'
import { requireMemory } from '../../src/jobs/require-memory.ts'

const wide = experiment({
  name: 'wide', title: '', question: '', data: publishedSet('mnist'), task: regression(),
  config: z.strictObject({ ...trainingSettings.shape, width: z.number().default(10) }),
  model: ({ width }) => new Linear(width, width),
})

it('names the weights, their copies and what there is', () => {
  // 1,001,000 weights of 4 bytes, three times.
  const settings = parseSettings(wide, ['width=1000'])
  expect(() => { requireMemory(wide, settings, 12_011_999) }).toThrow(
    /wide has more weights[^]*1,001,000 weights, of which a training holds 3 copies: 0\.0 GiB[^]*fewer layers/,
  )
  expect(() => { requireMemory(wide, settings, 12_012_000) }).not.toThrow()
})

it('takes none of it, and asks the machine where nothing is said', () => {
  const before = process.memoryUsage.rss()
  expect(() => { requireMemory(wide, parseSettings(wide, ['width=40000']), 2 ** 30) }).toThrow(/17\.9 GiB, of 1\.0 GiB/)
  expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 30)
  expect(() => { requireMemory(wide, parseSettings(wide)) }).not.toThrow()
})
