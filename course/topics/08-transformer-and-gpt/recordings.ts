// Which runs stand behind the figures of Days 19-20.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, seeds?: number): Arm =>
  ({ id, label, settings, ...(seeds !== undefined && { seeds }) })

/** nanoGPT's own settings for a computer without a GPU, as its README gives them. */
const NANO_GPT = {
  learningRate: 0.001, scheduleMinimum: 0.1, beta2: 0.99, tied: true, start: 'gpt-2',
  // A hundred steps of 250.
  warmupEpochs: 0.4,
}
const MODERN = { biases: false, norm: 'rms', feedForward: 'swiglu', positions: 'rotary', qkNorm: true }

export const recordings: readonly Recording[] = [
  {
    experiment: 'attention-on-shakespeare',
    seeds: [1, 2, 3, 4, 5, 6],
    arms: [
      arm('one-head', 'one head', { rung: 'one-head' }),
      arm('heads', 'four heads', { rung: 'heads' }),
      arm('feed-forward', 'and a layer at each position', { rung: 'feed-forward' }),
      arm('blocks', 'three blocks'),
    ],
  },
  {
    // Where a step costs more floating-point operations, fewer are taken: 8.1e11 in all, for each arm.
    experiment: 'modern-gpt-on-shakespeare',
    seeds: [1, 2, 3, 4, 5, 6],
    lengths: true,
    arms: [
      arm('gpt-2', 'GPT-2'),
      arm('no-bias', 'no biases', { biases: false }),
      arm('rms-norm', 'RMSNorm', { norm: 'rms' }),
      arm('swiglu', 'SwiGLU', { feedForward: 'swiglu', steps: 998, evaluateEvery: 499 }),
      arm('rotary', 'rotary positions', { positions: 'rotary' }),
      arm('qk-norm', 'QK-norm', { qkNorm: true }),
      arm('muon', 'Muon', { optimizer: 'muon', steps: 786, evaluateEvery: 393 }),
      arm('all', 'all of them', { ...MODERN, optimizer: 'muon', steps: 780, evaluateEvery: 390 }),
      arm('no-positions', 'no positions', { positions: 'none' }),
      arm('sinusoidal', 'sinusoids', { positions: 'sinusoidal' }),
      arm('alibi', 'ALiBi', { positions: 'alibi' }),
      arm('norm-after', 'norms behind the sums', { normPlace: 'after' }),
    ],
  },
  { experiment: 'miniature-gpt-on-reviews', seeds: [1], arms: [arm('default', 'one pass over the reviews')] },
  { experiment: 'grok-divisions', seeds: [1, 2, 3], arms: [arm('default', 'half of the table')] },
  {
    experiment: 'gpt-on-shakespeare',
    seeds: [1, 2, 3],
    details: true,
    arms: [
      arm('small', '4 layers of 128'),
      arm('one-layer', '1 layer of 128', { layers: 1 }),
      arm('nanogpt', "nanoGPT's own settings", NANO_GPT),
    ],
  },
]
