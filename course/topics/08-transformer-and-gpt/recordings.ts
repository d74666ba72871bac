// Which runs stand behind the figures of Days 19-20.
import type { Recording } from '@ddlf/lab'

export const recordings: readonly Recording[] = [
  {
    experiment: 'gpt-on-shakespeare',
    seeds: [1, 2, 3],
    details: true,
    arms: [
      { id: 'small', label: '4 layers of 128', settings: {} },
      { id: 'one-layer', label: '1 layer of 128', settings: { layers: 1 } },
    ],
  },
]
