// Which runs stand behind the figures of Days 11-12.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}): Arm =>
  ({ id, label, settings: { questions: 'published', ...settings } })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

export const recordings: readonly Recording[] = [
  {
    experiment: 'skip-gram',
    seeds: seeds(3),
    details: true,
    arms: [
      arm('default', 'window 5, 100 numbers'),
      arm('window-2', 'window 2', { window: 2 }),
      arm('window-10', 'window 10', { window: 10 }),
      arm('size-25', '25 numbers', { dimensions: 25 }),
      arm('size-200', '200 numbers', { dimensions: 200 }),
      arm('negatives-1', '1 negative', { negatives: 1 }),
      arm('negatives-15', '15 negatives', { negatives: 15 }),
      arm('all-words', 'no subsampling', { subsample: 0 }),
      arm('rarer', 'subsample 1e-4', { subsample: 1e-4 }),
      arm('epochs-1', 'one pass', { epochs: 1 }),
      arm('epochs-20', '20 passes', { epochs: 20 }),
    ],
  },
  { experiment: 'skip-gram-on-reviews', seeds: seeds(3), details: true, arms: [arm('default', 'film reviews')] },
  {
    experiment: 'skip-gram-on-brown',
    seeds: seeds(3),
    arms: [arm('default', 'words alone'), arm('letters', 'n-grams of 3 to 6 letters', { maxGram: 6 })],
  },
  {
    experiment: 'cbow',
    seeds: seeds(3),
    arms: [
      arm('default', 'CBOW'),
      arm('whole', 'CBOW, gradient of word2vec', { contextGradient: 'whole' }),
    ],
  },
]
