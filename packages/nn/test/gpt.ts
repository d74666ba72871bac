// The model of nanoGPT, small, for tests: pre-norm blocks without biases, the output tied to the table of tokens.
// Source: karpathy/nanoGPT:model.py.
import { add, gelu, type Tensor } from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { Embedding, LayerNorm, LearnedPositions, Linear, MultiHeadAttention, namedParameters } from '../src/index.ts'

export interface GptSizes {
  readonly words: number
  readonly time: number
  readonly layers: number
  readonly heads: number
  readonly size: number
}

class Block {
  readonly ln_1
  readonly attn
  readonly ln_2
  readonly c_fc
  readonly c_proj

  constructor({ size, heads }: GptSizes) {
    this.ln_1 = new LayerNorm(size, { bias: false })
    this.attn = new MultiHeadAttention(size, heads, { bias: false, batchFirst: true })
    this.ln_2 = new LayerNorm(size, { bias: false })
    this.c_fc = new Linear(size, 4 * size, { bias: false })
    this.c_proj = new Linear(4 * size, size, { bias: false })
  }

  forward(x: Tensor): Tensor {
    const h = this.ln_1.forward(x)
    const attended = add(x, this.attn.forward(h, h, h, { causal: true }))
    return add(attended, this.c_proj.forward(gelu(this.c_fc.forward(this.ln_2.forward(attended)))))
  }
}

/** Tokens int32 [B, T] to logits [B, T, words]. */
export class Gpt {
  readonly wte
  readonly wpe
  readonly blocks
  readonly ln_f
  readonly logits

  constructor(sizes: GptSizes) {
    const { words, time, layers, size } = sizes
    this.wte = new Embedding(words, size)
    this.wpe = new LearnedPositions(time, size)
    this.blocks = Array.from({ length: layers }, () => new Block(sizes))
    this.ln_f = new LayerNorm(size, { bias: false })
    this.logits = new Linear(size, words, { bias: false, weight: this.wte.weight })
    // Weights that a Python script can make again: a stream for each name.
    for (const [name, { rank, size: count, leaf }] of namedParameters(this)) {
      if (rank > 1) leaf?.data?.set(uniforms(randomKey(5, name), count, -0.05, 0.05))
    }
  }

  forward(tokens: Tensor): Tensor {
    const embedded = this.wpe.forward(this.wte.forward(tokens))
    return this.logits.forward(this.ln_f.forward(this.blocks.reduce((x, block) => block.forward(x), embedded)))
  }
}
