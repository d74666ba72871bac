// The settings that every experiment shares: how long, how fast, with which optimizer and schedule.
import { z } from 'zod'

const positive = z.number().positive()
const fraction = z.number().min(0).max(1)

/**
 * Settings of a training run. Experiments spread `trainingSettings.shape` into their own schema and change defaults.
 */
export const trainingSettings = z.strictObject({
  /** Passes over the training data. */
  epochs: z.number().int().min(1).max(100_000).default(10).describe('passes over the training data'),
  steps: z
    .number()
    .int()
    .min(0)
    .max(100_000_000)
    .default(0)
    .describe('steps in all, instead of epochs; 0: the epochs count'),
  evaluateEvery: z
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .default(250)
    .describe('steps between evaluations, where steps are counted; they take the place of an epoch'),
  batchSize: z.number().int().min(1).max(1_000_000).default(64).describe('examples per step'),
  dropLast: z.boolean().default(false).describe('leave out the last, partial batch of an epoch'),
  sampling: z
    .enum(['shuffled', 'sequential', 'replacement', 'balanced'])
    .default('shuffled')
    .describe(
      'each example once an epoch, in a new order or as they lie; replacement: each drawn from all; balanced: each ' +
      'class equally often',
    ),
  classWeights: z
    .enum(['none', 'balanced'])
    .default('none')
    .describe('factor of the loss by class; balanced: examples / (classes x examples of the class)'),
  learningRate: positive.max(1000).default(0.1).describe('step size at its peak'),
  optimizer: z
    .enum(['sgd', 'adam', 'adamW', 'rmsProp', 'adagrad', 'adadelta', 'muon'])
    .default('sgd')
    .describe('update rule'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('momentum of sgd, rmsProp and muon'),
  nesterov: z.boolean().default(false).describe("Nesterov's momentum (sgd)"),
  beta1: z.number().min(0).lt(1).default(0.9).describe('how long adam, adamW and muon remember gradients'),
  beta2: z.number().min(0).lt(1).default(0.999).describe('how long they remember squared gradients'),
  rho: z.number().min(0).lt(1).default(0.9).describe('how long adadelta remembers squared gradients and changes'),
  weightDecay: z.number().min(0).max(10).default(0).describe('L2 penalty (decoupled in adamW)'),
  decayNormsAndBiases: z.boolean().default(true).describe('apply weight decay to biases and normalisations too'),
  schedule: z
    .enum(['constant', 'step', 'exponential', 'inverseSquareRoot', 'cosine', 'oneCycle'])
    .default('constant')
    .describe('how the learning rate changes'),
  scheduleEpochs: positive.default(10).describe('epochs between the drops of the step schedule'),
  scheduleFactor: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('factor of the step schedule, and per epoch of the exponential one'),
  scheduleMinimum: fraction.default(0).describe('share of the learning rate that the cosine ends at'),
  warmupEpochs: z.number().min(0).default(0).describe('epochs of linear warm-up'),
  clipNorm: z.number().min(0).default(0).describe('largest global norm of the gradient; 0: no clipping'),
  maxNorm: z.number().min(0).default(0).describe("largest norm of each unit's incoming weights; 0: no limit"),
  averageDecay: fraction
    .lt(1)
    .default(0)
    .describe('decay of the moving average of the weights that is evaluated; 0: none'),
  accumulate: z.number().int().min(1).default(1).describe('parts a batch is computed in, to save memory'),
  validation: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe('share of the training data held out to choose the best checkpoint'),
  evaluateTest: z.boolean().default(true).describe('evaluate on the test set; false: it is not read'),
  patience: z.number().int().min(0).default(0).describe('epochs without improvement before stopping early; 0: never'),
  trainExamples: z.number().int().min(0).default(0).describe('train on this many examples only; 0: all'),
  histograms: z
    .boolean()
    .default(false)
    .describe('log histograms of weights and gradients, and the first layer as a picture, each epoch, for TensorBoard'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1)
    .describe('decides initial weights, order and noise'),
})
