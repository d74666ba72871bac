// The tree of pairs: PyTorch's logits for the same weights (golden/wave-net.py), and contexts that it can read: powers
// of 2 from 2 on; others are refused before anything is built.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { namedBuffers, namedParameters, parameterCount, withMode } from '@ddlf/nn'
import { evaluate, tensor } from '@ddlf/tensor'
import { experiments } from '../index.ts'
import { WaveNet } from '../topics/06-recurrent-language-models/wave-net.ts'

interface Golden {
  readonly tokens: readonly number[][]
  readonly nets: readonly {
    readonly normPerPlace: boolean
    readonly parameters: number
    /** With the statistics of the batch, and with running ones. */
    readonly training: readonly number[]
    readonly evaluation: readonly number[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL('golden/wave-net.json', import.meta.url), 'utf8')) as Golden
const rest = { vocabulary: 5, embedding: 2, hidden: 3, normPerPlace: false }
const settings = (blockSize: number) => parseSettings(findExperiment(experiments, 'wave-net-on-names'), { blockSize })

it.each(golden.nets)("PyTorch's logits for the same weights, normPerPlace: $normPerPlace", net => {
  const model = new WaveNet({ ...rest, blockSize: 8, normPerPlace: net.normPerPlace })
  for (const [name, weight] of [...namedParameters(model), ...namedBuffers(model)]) {
    const start = Array.from(name).reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
    const centre = /norm\.weight$|running_var$/.test(name) ? 1 : 0
    const valueAt = (i: number) => centre + Math.sin(start + 0.7 * i) / 2
    weight.leaf?.data?.set(Float32Array.from({ length: weight.size }, (_, i) => valueAt(i)))
  }
  expect(parameterCount(model)).toBe(net.parameters)
  const tokens = tensor(golden.tokens, { dtype: 'int32' })
  for (const mode of ['training', 'evaluation'] as const) {
    const { output } = withMode({ training: mode === 'training' }, () => model.forward(tokens))
    const [logits] = evaluate([output])
    expect(logits).toHaveLength(net[mode].length)
    net[mode].forEach((value, i) => expect(logits![i], `${mode}, logit ${i}`).toBeCloseTo(value, 4))
  }
})
it.each([1, 3, 6, 48])('a context of %i letters is refused, with what is allowed', blockSize => {
  const refusal = new RegExp(`power of 2 from 2 on[^]*Received: [^]*\\b${blockSize}\\b`)
  expect(() => settings(blockSize)).toThrow(refusal)
  expect(() => new WaveNet({ ...rest, blockSize })).toThrow(refusal)
})
it.each([2, 8, 64])('a context of %i letters is joined until one is left', blockSize => {
  expect(settings(blockSize)).toMatchObject({ blockSize })
  expect(new WaveNet({ ...rest, blockSize }).levels).toHaveLength(Math.log2(blockSize))
})
