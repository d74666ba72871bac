// Which runs stand behind the figures of Days 7-10: for each experiment the settings that are compared, and the seeds.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}): Arm => ({ id, label, settings })

export const recordings: readonly Recording[] = [
  { experiment: 'resnet-on-cifar-10', seeds: [1], details: true, arms: [arm('default', 'ResNet-20, 45 epochs')] },
  { experiment: 'fast-net-on-cifar-10', seeds: [1], details: true, arms: [arm('default', 'the fast network')] },
  {
    experiment: 'depth-on-cifar-10', seeds: [1, 2, 3],
    arms: [
      arm('plain-20', 'plain-20', { residual: false }),
      arm('plain-56', 'plain-56', { residual: false, depth: 56 }),
      arm('resnet-56', 'ResNet-56', { depth: 56 }),
      arm('no-norm', 'ResNet-20 without batch norm', { batchNorm: false, learningRate: 0.02 }),
      arm('resnet-20', 'ResNet-20'),
    ],
  },
]
