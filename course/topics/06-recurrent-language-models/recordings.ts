// Which runs stand behind the figures of Days 15-16.
import type { Recording } from '@ddlf/lab'

export const recordings: readonly Recording[] = [
  {
    experiment: 'bigram-on-all-names',
    seeds: [1],
    arms: [
      { id: 'counts', label: 'counts', settings: { smoothing: 0 } },
      { id: 'one-more', label: 'one more of each', settings: {} },
    ],
  },
]
