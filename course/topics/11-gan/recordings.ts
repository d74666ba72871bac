// Which runs stand behind the figures of Days 25-26.
import type { Recording } from '@ddlf/lab'

export const recordings: readonly Recording[] = [
  {
    experiment: 'dcgan-on-mnist',
    seeds: [1, 2, 3],
    details: true,
    arms: [{ id: 'dcgan', label: '16 channels', settings: {} }],
  },
]
