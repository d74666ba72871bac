// Which runs stand behind the figures of Days 19-20.
import type { Recording } from '@ddlf/lab'

export const recordings: readonly Recording[] = [
  { experiment: 'gpt-on-shakespeare', seeds: [1], arms: [{ id: 'small', label: '4 layers of 128', settings: {} }] },
]
