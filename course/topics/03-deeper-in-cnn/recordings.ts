// Which runs stand behind the figures of Days 7-10: for each experiment the settings that are compared, and the seeds.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, seeds?: number): Arm => ({
  id, label, settings, ...(seeds !== undefined && { seeds }),
})

const passages = [['plain', 'plain'], ['shortcut', 'with shortcuts'], ['gate', 'with gates']] as const
const DEPTHS = [5, 10, 20, 30, 50]

/** As much of the paper's training as six seeds can have: every picture five times. */
const LONGER = { epochs: 5, trainExamples: 0 } as const

export const recordings: readonly Recording[] = [
  {
    experiment: 'highway-on-mnist', seeds: [1, 2, 3, 4, 5, 6],
    arms: DEPTHS.flatMap(depth =>
      passages.map(([passage, label]) => arm(`${passage}-${depth}`, `${depth} ${label}`, { depth, passage })),
    ),
  },
  {
    experiment: 'depth-on-cifar-10', seeds: [1, 2, 3, 4, 5, 6],
    arms: [
      arm('plain-20', 'plain-20', { residual: false }),
      arm('plain-56', 'plain-56', { residual: false, depth: 56 }),
      arm('resnet-56', 'ResNet-56', { depth: 56 }),
      arm('no-norm', 'ResNet-20 without batch norm', { batchNorm: false, learningRate: 0.02 }),
      arm('resnet-20', 'ResNet-20'),
      arm('longer-plain-20', 'plain-20, 5 epochs of all pictures', { ...LONGER, residual: false }),
      arm('longer-plain-56', 'plain-56, 5 epochs of all pictures', { ...LONGER, residual: false, depth: 56 }),
      arm('longer-resnet-56', 'ResNet-56, 5 epochs of all pictures', { ...LONGER, depth: 56 }),
      arm('longer-resnet-20', 'ResNet-20, 5 epochs of all pictures', LONGER),
    ],
  },
  {
    experiment: 'resnet-on-cifar-10', seeds: [1], details: true,
    arms: [
      arm('default', 'ResNet-20, 45 epochs'),
      arm('paper', "ResNet-20, the paper's 64,000 steps", {
        steps: 64_000, evaluateEvery: 2000, schedule: 'paper', weightDecay: 1e-4, nesterov: false,
      }),
    ],
  },
  {
    experiment: 'fast-net-on-cifar-10', seeds: [1, 2, 3, 4, 5], details: true,
    arms: [
      arm('default', 'the fast network'),
      arm('sharp-targets', 'without label smoothing', { labelSmoothing: 0 }, 1),
      arm('no-slow-weights', 'without slow weights', { lookahead: 0 }, 1),
      arm('coin', 'flips by a coin', { flip: 'random' }, 1),
      arm('one-look', 'one look at a test picture', { testTimeFlip: false, testTimeShift: false }, 1),
      arm('still', 'without moving pictures', { translate: 0 }, 1),
    ],
  },
]
