// How many tokens a second does GPT small make, for one text and for 16 at once, and does a later token cost more?
// Run: npm run bench generate
import { generateTokens } from '@ddlf/lab'
import { Embedding, LayerNorm, Linear, MultiHeadAttention, rotary, SwiGlu, withSeed } from '@ddlf/nn'
import { add, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { machine, median } from './alternate.ts'
import { Gpt } from '../packages/nn/test/gpt.ts'

const rounds = Number(process.env['ROUNDS'] ?? 8)
const gpt = new Gpt({ words: 65, time: 64, layers: 4, heads: 4, size: 128 })

interface Model {
  forward(tokens: Tensor): Tensor
}

/** Milliseconds between what is handed on, the reading of the prompt apart. */
async function millisecondsOf(
  model: Model,
  given: { capacity: number; tokens: number; batch: number; threads: number; perRun: number },
): Promise<number[]> {
  const { capacity, tokens, batch, threads, perRun } = given
  const stream = generateTokens({
    model,
    logits: (one, ids) => one.forward(ids),
    capacity,
    runtime: onnxNodeRuntime({ threads }),
    tokens,
    perRun,
    topK: 40,
    prompts: Array.from({ length: batch }, (_, i) => [i]),
  })
  const times: number[] = []
  // The first part is the prompt's; the second compiles the step.
  await stream.next()
  await stream.next()
  for (let before = performance.now(); ;) {
    const { done } = await stream.next()
    if (done === true) return times
    const now = performance.now()
    times.push(now - before)
    before = now
  }
}

console.log(
  `${machine()}; GPT small (65 words, 4 layers, 128, 64 positions), top-k 40, best of ${rounds} rounds of 62 tokens`,
)
for (const [batch, threads, perRun] of [
  [1, 1, 8],
  [1, 1, 1],
  [1, 2, 8],
  [16, 2, 8],
  [16, 1, 8],
] as const) {
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const times = await millisecondsOf(gpt, { capacity: 64, tokens: 1 + perRun + 40, batch, threads, perRun })
    best = Math.min(best, times.reduce((a, b) => a + b) / 40)
  }
  const speed = `${((1000 * batch) / best).toFixed(0)} tokens/s (${best.toFixed(3)} ms a token)`
  console.log(`${batch} at once, ${threads} threads, ${perRun} a run: ${speed}`)
}

class Block {
  readonly norm1 = new LayerNorm(128)
  readonly attention = new MultiHeadAttention(128, 4, { batchFirst: true })
  readonly norm2 = new LayerNorm(128)
  readonly perceptron = new SwiGlu(128, 344)
  forward(x: Tensor): Tensor {
    const h = this.norm1.forward(x)
    const y = add(x, this.attention.forward(h, h, h, { causal: true, prepare: part => rotary(part) }))
    return add(y, this.perceptron.forward(this.norm2.forward(y)))
  }
}

class Rotary {
  readonly wte = new Embedding(65, 128)
  readonly blocks = Array.from({ length: 4 }, () => new Block())
  readonly logits = new Linear(128, 65)
  forward(tokens: Tensor): Tensor {
    return this.logits.forward(this.blocks.reduce((x, block) => block.forward(x), this.wte.forward(tokens)))
  }
}

const times = await millisecondsOf(
  withSeed(1, () => new Rotary()),
  { capacity: 1024, tokens: 1017, batch: 1, threads: 1, perRun: 8 },
)
const near = (token: number) =>
  median(times.slice(Math.max(0, Math.round(token / 8) - 5), Math.round(token / 8) + 5)) / 8
const told = [10, 100, 500, 1000].map(token => `token ${token} takes ${near(token).toFixed(3)} ms`)
console.log(`rotary positions, 1,024 places: ${told.join(', ')}`)
