// Which runs stand behind the figures of Days 1-2: for each experiment the settings that are compared, and the seeds.
import type { Arm, Recording } from '@ddlf/lab'
import { publishedRecordings } from './published-recordings.ts'

const arm = (id: string, label: string, settings: Arm['settings'] = {}): Arm => ({ id, label, settings })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

const RATES = [0.01, 0.03, 0.1, 0.3, 1]
const BATCHES = [16, 64, 256, 1024, 4096]

export const recordings: readonly Recording[] = [
  { experiment: 'mlp-on-mnist', seeds: seeds(5), arms: [arm('default', '784-128-32-10')], details: true },
  {
    experiment: 'mlp-linear-classifier',
    seeds: seeds(3),
    arms: [arm('squared', 'squared error', { loss: 'squaredError' }), arm('softmax', 'softmax and cross-entropy')],
  },
  {
    experiment: 'mlp-initialisation',
    seeds: seeds(3),
    arms: [
      arm('zeros', 'all zero', { initialisation: 'zeros' }),
      arm('small', 'normal, deviation 0.001', { initialisation: 'small' }),
      arm('pytorch', "PyTorch's default", { initialisation: 'pytorch' }),
      arm('glorot', 'Glorot uniform', { initialisation: 'glorot' }),
      arm('he', 'He normal', { initialisation: 'he' }),
      arm('large', 'normal, deviation 0.2', { initialisation: 'large' }),
    ],
  },
  {
    experiment: 'mlp-activation',
    seeds: seeds(3),
    arms: (['relu', 'gelu', 'tanh', 'sigmoid'] as const).flatMap(activation => [
      arm(`${activation}-2`, `${activation}, 2 hidden layers`, { activation }),
      arm(`${activation}-6`, `${activation}, 6 hidden layers`, { activation, hidden: Array<number>(6).fill(128) }),
    ]),
  },
  {
    experiment: 'mlp-depth-and-width',
    seeds: seeds(3),
    arms: [
      ...[8, 32, 128, 512].map(units => arm(`1x${units}`, `1 x ${units}`, { hidden: [units] })),
      ...[2, 4, 8].map(depth => arm(`${depth}x64`, `${depth} x 64`, { hidden: Array<number>(depth).fill(64) })),
    ],
  },
  {
    experiment: 'mlp-learning-rate-and-batch-size',
    seeds: seeds(3),
    arms: [
      ...BATCHES.flatMap(batchSize =>
        RATES.map(learningRate =>
          arm(`b${batchSize}-lr${learningRate}`, `batch ${batchSize}, rate ${learningRate}`, {
            batchSize,
            learningRate,
          }),
        ),
      ),
      // As many steps as batches of 64 take in 3 epochs.
      ...[12, 48].map(epochs =>
        arm(`b1024-lr0.3-e${epochs}`, `batch 1024, rate 0.3, ${epochs} epochs`, {
          batchSize: 1024,
          learningRate: 0.3,
          epochs,
        }),
      ),
    ],
  },
  {
    experiment: 'mlp-batch-norm-sigmoid',
    seeds: seeds(6),
    arms: [
      arm('plain', 'sigmoid', { epochs: 50 }),
      arm('norm', 'sigmoid with batch norm', { epochs: 50, batchNorm: true }),
    ],
  },
  {
    experiment: 'mlp-lecun-baselines',
    seeds: seeds(3),
    arms: [
      arm('300', '300 hidden', { hidden: [300] }),
      arm('300-100', '300 + 100 hidden', { hidden: [300, 100] }),
      arm('500-150', '500 + 150 hidden', { hidden: [500, 150] }),
      arm('800', '800 hidden', { hidden: [800] }),
      arm('1000', '1000 hidden', { hidden: [1000] }),
    ],
  },
  {
    experiment: 'mlp-keskar-f1',
    seeds: seeds(6),
    minima: { from: 'small', to: 'large', subspace: 100 },
    arms: [arm('small', 'batch 256'), arm('large', 'batch 6000', { batchSize: 6000, epochs: 30 })],
  },
  {
    experiment: 'mlp-dropout-and-max-norm',
    seeds: seeds(3),
    arms: [
      arm('plain', 'plain'),
      arm('max-norm', 'max-norm 3', { maxNorm: 3 }),
      arm('dropout', 'dropout', { dropout: 0.5, inputDropout: 0.2 }),
      arm('dropout-max-norm', 'dropout and max-norm 3', { dropout: 0.5, inputDropout: 0.2, maxNorm: 3 }),
    ],
  },
  {
    experiment: 'mlp-teacher',
    seeds: [1],
    arms: [arm('default', '2 x 1200, dropout, max-norm, moved digits')],
    details: true,
  },
  {
    experiment: 'mlp-distillation',
    seeds: seeds(3),
    arms: [
      arm('labels', 'the labels alone', { hardShare: 1 }),
      arm('teacher', 'the teacher alone, temperature 20'),
      { ...arm('without-threes', 'the teacher alone, no 3 shown', { without: [3] }), seeds: 2 },
    ],
  },
  {
    experiment: 'mlp-weight-decay',
    seeds: seeds(3),
    arms: [
      arm('none', 'no penalty'),
      ...[3e-5, 3e-4].map(weightDecay => arm(`l2-${weightDecay}`, `L2 penalty ${weightDecay}`, { weightDecay })),
    ],
  },
  {
    experiment: 'mlp-distortions',
    seeds: seeds(2),
    arms: [
      arm('none', 'as they are'),
      arm('affine', 'turned, moved, scaled, sheared', { distortion: 'affine' }),
      arm('elastic', 'elastic, sigma 4, alpha 34', { distortion: 'elastic' }),
      arm('elastic-squared', 'the same, squared error', { distortion: 'elastic', loss: 'squaredError' }),
    ],
  },
  {
    experiment: 'mlp-optimizers',
    seeds: seeds(6),
    arms: (
      [
        ['adam', 'Adam', { optimizer: 'adam' }, [0.0003, 0.001, 0.003, 0.01]],
        ['nesterov', 'Nesterov momentum 0.9', { nesterov: true }, [0.01, 0.03, 0.1, 0.3]],
        ['adagrad', 'Adagrad', { optimizer: 'adagrad' }, [0.01, 0.03, 0.1, 0.3]],
      ] as const
    ).flatMap(([id, label, settings, rates]) => [
      ...rates.map(learningRate =>
        arm(`${id}-${learningRate}`, `${label}, rate ${learningRate}`, { ...settings, learningRate }),
      ),
      ...rates
        .slice(2)
        .map(learningRate =>
          arm(`${id}-${learningRate}-falling`, `${label}, rate ${learningRate} falling to 0`, {
            ...settings,
            learningRate,
            schedule: 'cosine',
          }),
        ),
    ]),
  },
  {
    experiment: 'mlp-double-descent',
    seeds: seeds(6),
    arms: [
      ...[12, 25, 50, 100, 200, 800].map(units => ({
        ...arm(`noisy-${units}`, `${units} units, a fifth of the labels drawn anew`, {
          hidden: [units],
          labelNoise: 0.2,
        }),
        seeds: [25, 100, 800].includes(units) ? 6 : 2,
      })),
      ...[25, 100, 800].map(units => ({
        ...arm(`clean-${units}`, `${units} units, labels as they are`, { hidden: [units] }),
        seeds: 2,
      })),
    ],
  },
  ...publishedRecordings,
]
