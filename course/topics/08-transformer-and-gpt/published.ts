// What others reported for the models of Days 19-20: nats per character on held-out Shakespeare, shares of right
// answers.
import type { PublishedReference } from '@ddlf/lab/experiments'

const nanoGptReadme = {
  citation: 'Karpathy, nanoGPT, README, 2023',
  url: 'https://github.com/karpathy/nanoGPT/blob/master/README.md',
} as const
const lecture = {
  citation: 'Karpathy, ng-video-lecture, commit messages, 2023',
  url: 'https://github.com/karpathy/ng-video-lecture/commits/master',
} as const

export const nanoGpt: readonly PublishedReference[] = [
  {
    id: 'nanogpt-cpu',
    source: { ...nanoGptReadme, table: 'i only have a macbook' },
    protocol: '4 layers of 128, 4 heads, 64 characters, 2,000 steps of 12, estimated over 20 batches',
    metric: 'loss',
    value: 1.88,
    // Twenty batches are 15,360 characters: the estimate itself is not surer than this.
    tolerance: 0.02,
    comparable: 'same protocol',
  },
  {
    id: 'nanogpt-gpu',
    source: { ...nanoGptReadme, table: 'quick start' },
    protocol: '6 layers of 384, 256 characters, 5,000 steps of 64, dropout, the best of its evaluations',
    metric: 'loss',
    value: 1.4697,
    comparable: 'different',
  },
]

const counted = (
  id: string, table: string, url: string, protocol: string, metric: string, value: number,
): PublishedReference => ({
  id, protocol, metric, value, comparable: 'same protocol',
  source: { citation: 'Karpathy, nanoGPT, 2023', url: `https://github.com/karpathy/nanoGPT/blob/master/${url}`, table },
})
const sizing = ['transformer_sizing', 'transformer_sizing.ipynb'] as const
const words = ['data/shakespeare', 'data/shakespeare/readme.md'] as const
const letters = ['data/shakespeare_char', 'data/shakespeare_char/readme.md'] as const

/** What needs no training. */
export const counts: readonly PublishedReference[] = [
  counted('nanogpt-gpt2-weights', ...sizing, 'weights of GPT-2 small, without biases', 'parameters', 124_337_664),
  counted('nanogpt-gpt2-pass', ...sizing, 'a forward pass of GPT-2 small over 1,024 tokens', 'flop', 291_648_307_200),
  counted('nanogpt-tokens-train', ...words, "nine tenths of tiny Shakespeare, GPT-2's tokens", 'tokens', 301_966),
  counted('nanogpt-tokens-validation', ...words, "the rest of tiny Shakespeare, GPT-2's tokens", 'tokens', 36_059),
  counted('nanogpt-characters-train', ...letters, 'nine tenths of tiny Shakespeare', 'characters', 1_003_854),
  counted('nanogpt-characters-validation', ...letters, 'the rest of tiny Shakespeare', 'characters', 111_540),
]

const rung = (id: string, protocol: string, value: number, digits: number): PublishedReference => ({
  id,
  source: lecture,
  protocol: `8 characters, 32 units, 5,000 steps of 32: ${protocol}`,
  metric: 'loss',
  value,
  // Half of the last digit that was printed, or what 200 batches of 32 leave unsure where that is more.
  tolerance: Math.max(0.5 * 10 ** -digits, 0.02),
  comparable: 'same protocol',
})

export const ladderRungs: readonly PublishedReference[] = [
  rung('lecture-one-head', 'one head', 2.5, 1),
  rung('lecture-heads', 'four heads', 2.28, 2),
  rung('lecture-feed-forward', 'four heads and a layer at each position', 2.24, 2),
  rung('lecture-blocks', 'three blocks with shortcuts and layer norms', 2.06, 2),
]

const kerasPage = (page: string) => ({
  citation: `Keras, ${page}, 2020`,
  url: `https://keras.io/examples/generative/${page}/`,
  table: 'log of the page',
})

/** Means over each of its first three passes, with what is dropped; what fills up short reviews counts. */
export const kerasGpt: readonly PublishedReference[] = [5.0624, 4.4791, 4.2813].map((value, pass) => ({
  id: `keras-gpt-${pass + 1}`,
  source: kerasPage('text_generation_with_miniature_gpt'),
  protocol: `words of IMDB, one block of 256, 100 words, loss of the training over pass ${pass + 1}`,
  metric: 'loss',
  part: 'train',
  value,
  comparable: 'same protocol',
}))

export const grokked: readonly PublishedReference[] = [
  {
    id: 'mlx-grokking',
    source: {
      citation: 'Stock, mlx-grokking, 2024',
      url: 'https://github.com/stockeh/mlx-grokking',
      table: 'README',
    },
    protocol: 'x / y modulo 97, half of the table, 2 layers of 128, 150 epochs: "perfect generalization"',
    metric: 'accuracy',
    value: 1,
    // Of a figure.
    tolerance: 0.005,
    comparable: 'same protocol',
  },
]
