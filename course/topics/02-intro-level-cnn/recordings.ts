// Which runs stand behind the figures of Days 3-6: for each experiment the settings that are compared, and the seeds.
import type { Arm, Recording } from '../../topic.ts'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, count?: number): Arm =>
  ({ id, label, settings, ...(count !== undefined && { seeds: count }) })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

export const recordings: readonly Recording[] = [
  {
    experiment: 'lenet5-on-mnist', seeds: seeds(5), details: true,
    arms: [
      arm('modern', 'LeNet-5 of today'),
      arm('distorted', 'LeNet-5 of today, distorted images', { distort: true }, 2),
      arm('1998', 'LeNet-5 of 1998', { form: '1998', learningRate: 0.003 }, 1),
      arm('lenet4', 'LeNet-4 of today', { form: 'lenet4' }, 2),
      arm('lenet1', 'LeNet-1 of today', { form: 'lenet1' }, 2),
    ],
  },
  { experiment: 'fashion-two-convolutions', seeds: seeds(3), details: true, arms: [arm('default', 'two convolutions')] },
  { experiment: 'fashion-mlp', seeds: seeds(3), arms: [arm('default', '784-256-128-64-10')] },
]
