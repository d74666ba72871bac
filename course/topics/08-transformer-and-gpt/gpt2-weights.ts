// GPT-2's weights under the names of Gpt: as Hugging Face keeps them, and as nanoGPT does.
import type { StateDict, StateValue } from '@ddlf/nn'

/** Beginnings of names there and here; a layer's number stands between the two parts. */
const PARTS = [
  ['wte.', 'tokens.'],
  ['wpe.', 'positions.'],
  ['ln_f.', 'norm.'],
  ['lm_head.', 'logits.'],
] as const
const LAYER_PARTS = [
  ['ln_1.', 'norm1.'],
  ['attn.c_attn.', 'self_attn.in_proj_'],
  ['attn.c_proj.', 'self_attn.out_proj.'],
  ['ln_2.', 'norm2.'],
  ['mlp.c_fc.', 'linear1.'],
  ['mlp.c_proj.', 'linear2.'],
] as const

/** Causal masks, which are constants here. */
const MASK = /^h\.\d+\.attn\.(masked_)?bias$/

/** What a name is called here; as it is where it is none of GPT-2's. */
function renamed(name: string): string {
  const [, layer, rest] = /^h\.(\d+)\.(.+)$/.exec(name) ?? []
  const parts: readonly (readonly [string, string])[] = rest === undefined ? PARTS : LAYER_PARTS
  const within = rest ?? name
  const found = parts.find(([from]) => within.startsWith(from))
  if (!found) return name
  return `${layer === undefined ? '' : `layers.${layer}.`}${found[1]}${within.slice(found[0].length)}`
}

/** A matrix with its axes exchanged. */
function transposed({ shape, dtype, data }: StateValue): StateValue {
  const [rows, columns] = shape as [number, number]
  const turned = data.slice()
  for (let i = 0; i < data.length; i++) turned[(i % columns) * rows + Math.floor(i / columns)] = data[i] as number
  return { shape: [columns, rows], dtype, data: turned }
}

/**
 * GPT-2's state by the names of `Gpt`: Hugging Face's `GPT2LMHeadModel` or `GPT2Model`, whose linear layers (`Conv1D`)
 * are [in, out] and are turned, or nanoGPT's, whose are [out, in]. Any other state is given back as it is.
 */
export function gpt2Weights(state: StateDict): StateDict {
  const plain = Object.entries(state).map(([name, value]) => [name.replace(/^transformer\./, ''), value] as const)
  const joined = plain.find(([name]) => name === 'h.0.attn.c_attn.weight')?.[1].shape
  if (!joined) return state
  // Queries, keys and values of one width: [width, 3 width] there, [3 width, width] here.
  const turns = (joined[0] ?? 0) < (joined[1] ?? 0)
  const found = plain
    .filter(([name]) => !MASK.test(name))
    .map(([name, value]): [string, StateValue] => {
      const isLinear = /\.(c_attn|c_proj|c_fc)\.weight$/.test(name)
      return [renamed(name), isLinear && turns ? transposed(value) : value]
    })
  const names = new Map(found)
  const tokens = names.get('tokens.weight')
  // Tied weights are saved once.
  if (tokens && !names.has('logits.weight')) names.set('logits.weight', tokens)
  return Object.fromEntries(names)
}
