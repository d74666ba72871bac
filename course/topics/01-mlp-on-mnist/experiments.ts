// The experiments of Days 1-2: one perceptron, asked different questions.
import { oneHot, type Tensor } from '@ddlf/tensor'
import { meanSquaredError } from '@ddlf/nn'
import { classification, experiment, trainingSettings, type Experiment, type Task } from '@ddlf/lab'
import { z } from 'zod'
import { Mlp } from './mlp.ts'
import { published } from './published.ts'

const share = z.number().min(0).lt(1)

const settings = z.strictObject({
  ...trainingSettings.shape,
  epochs: trainingSettings.shape.epochs.default(12),
  learningRate: trainingSettings.shape.learningRate.default(0.05),
  schedule: trainingSettings.shape.schedule.default('cosine'),
  hidden: z.array(z.number().int().min(1).max(100_000)).max(20).default([128, 32]).describe('units in each hidden layer; empty: softmax regression'),
  activation: z.enum(['relu', 'tanh', 'sigmoid', 'gelu']).default('relu').describe('function after each hidden layer'),
  dropout: share.default(0).describe('share of hidden units dropped in training'),
  inputDropout: share.default(0).describe('share of input pixels dropped in training'),
  batchNorm: z.boolean().default(false).describe('normalise each hidden layer over the batch'),
  initialisation: z.enum(['pytorch', 'zeros', 'small', 'glorot', 'he', 'large']).default('pytorch').describe('first values of the weights'),
  loss: z.enum(['crossEntropy', 'squaredError']).default('crossEntropy').describe('what is minimised'),
})

type MlpSettings = z.infer<typeof settings>

const classes = classification()

/** Classification that can also be trained on the squared distance between the outputs and the one-hot target, as in the 1990s. */
const task: Task<MlpSettings> = {
  ...classes,
  loss(model, batch, chosen) {
    const { loss, metrics } = classes.loss(model, batch, chosen)
    if (chosen.loss === 'crossEntropy') return { loss, metrics }
    const { logits } = classes.outputs(model, batch['images'] as Tensor, chosen) as { logits: Tensor }
    return { loss: meanSquaredError(logits, oneHot(batch['labels'] as Tensor, logits.shape[1] ?? 0)), metrics }
  },
}

type Question = Pick<Experiment, 'name' | 'title' | 'question'> & { readonly defaults?: Partial<MlpSettings> }

/** The perceptron on MNIST with other defaults. */
function perceptron({ defaults = {}, ...rest }: Question): Experiment {
  const shape: Record<string, z.ZodType> = { ...settings.shape }
  for (const [name, value] of Object.entries(defaults)) shape[name] = (settings.shape[name as keyof MlpSettings] as z.ZodDefault).default(value)
  const config = z.strictObject(shape) as unknown as typeof settings
  return experiment({ ...rest, dataset: 'mnist', config, task, model: chosen => new Mlp(784, 10, chosen), published })
}

/** The author's four-layer perceptron, with everything about it as a setting. */
export const mlpOnMnist = perceptron({
  name: 'mlp-on-mnist',
  title: 'Multilayer perceptron on MNIST',
  question: 'How well does a small multilayer perceptron read handwritten digits, and what does each choice change?',
})

export const experiments: readonly Experiment[] = [
  mlpOnMnist,
  perceptron({
    name: 'mlp-depth-and-width',
    title: 'Depth and width',
    question: 'What do more hidden units buy, and what do more hidden layers?',
    defaults: { epochs: 5 },
  }),
  perceptron({
    name: 'mlp-activation',
    title: 'Activation functions',
    question: 'Which function between the layers learns fastest, and does the answer change with depth?',
    defaults: { epochs: 3, hidden: [128, 128] },
  }),
  perceptron({
    name: 'mlp-initialisation',
    title: 'Initial weights',
    question: 'How much depends on where the weights start?',
    defaults: { epochs: 3, hidden: [128, 128, 128] },
  }),
  perceptron({
    name: 'mlp-learning-rate-and-batch-size',
    title: 'Learning rate and batch size',
    question: 'How do the learning rate and the batch size depend on each other?',
    defaults: { epochs: 3, momentum: 0, schedule: 'constant' },
  }),
  perceptron({
    name: 'mlp-keskar-f1',
    title: 'Small batches and large ones',
    question: 'Do large batches find minima that generalise worse? (Keskar et al. 2017, network F1)',
    defaults: { epochs: 12, hidden: [512, 512, 512, 512, 512], batchNorm: true, optimizer: 'adam', learningRate: 0.001, batchSize: 256, schedule: 'constant' },
  }),
  perceptron({
    name: 'mlp-dropout-and-max-norm',
    title: 'Dropout and max-norm',
    question: 'Does dropping units at random, with bounded weights, make a wide net generalise better? (Srivastava et al. 2014)',
    defaults: { epochs: 10, hidden: [800, 800], batchSize: 100 },
  }),
  perceptron({
    name: 'mlp-lecun-baselines',
    title: "LeCun's perceptrons today",
    question: 'What do the fully connected nets of 1998 reach with cross-entropy, ReLU and momentum?',
    defaults: { epochs: 12 },
  }),
  perceptron({
    name: 'mlp-linear-classifier',
    title: 'The linear classifier',
    question: "Why is the linear classifier's published error of 1998 so easily beaten?",
    defaults: { epochs: 10, hidden: [] },
  }),
  perceptron({
    name: 'mlp-batch-norm-sigmoid',
    title: 'Batch normalisation on sigmoids',
    question: 'Does batch normalisation make a sigmoid net train faster and end higher? (Ioffe and Szegedy 2015, section 4.1)',
    defaults: { epochs: 8, hidden: [100, 100, 100], activation: 'sigmoid', batchSize: 60, learningRate: 0.1, momentum: 0, schedule: 'constant', initialisation: 'small' },
  }),
]
