// Contexts that the tree of pairs can read: powers of 2 from 2 on; others are refused before anything is built.
import { expect, it } from 'vitest'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { experiments } from '../index.ts'
import { WaveNet } from '../topics/06-recurrent-language-models/wave-net.ts'

const rest = { vocabulary: 5, embedding: 2, hidden: 3, normPerPlace: false }
const settings = (blockSize: number) => parseSettings(findExperiment(experiments, 'wave-net-on-names'), { blockSize })

it.each([1, 3, 6, 48])('a context of %i letters is refused, with what is allowed', blockSize => {
  const refusal = new RegExp(`power of 2 from 2 on[^]*Received: [^]*\\b${blockSize}\\b`)
  expect(() => settings(blockSize)).toThrow(refusal)
  expect(() => new WaveNet({ ...rest, blockSize })).toThrow(refusal)
})
it.each([2, 8, 64])('a context of %i letters is joined until one is left', blockSize => {
  expect(settings(blockSize)).toMatchObject({ blockSize })
  expect(new WaveNet({ ...rest, blockSize }).levels).toHaveLength(Math.log2(blockSize))
})
