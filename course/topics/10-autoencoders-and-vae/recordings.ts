// Which runs stand behind the figures of Days 23-24.
import type { Recording } from '@ddlf/lab'

export const recordings: readonly Recording[] = [
  {
    experiment: 'denoising-on-fashion-mnist',
    seeds: [1, 2, 3],
    details: true,
    arms: [{ id: 'autoencoder', label: '16 channels', settings: {} }],
  },
]
