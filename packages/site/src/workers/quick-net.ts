// Nets of dense layers that a page trains at once, by the course's own layers and step; of itself 784-32-10.
import { Flatten, Linear, ReLU, Sequential, sgd, type Module, type Optimizer } from '@ddlf/nn'
import { PIXELS, type Digits } from './digits.ts'
import { learningDigits, type LearningDigits } from './learning-digits.ts'

export const UNITS = 32
const BATCH = 50
const LEARNING_RATE = 0.1
const MOMENTUM = 0.9

/** A net that learns a little at every call. */
export interface QuickNet extends Pick<LearningDigits<Module>, 'steps' | 'epoch' | 'learn' | 'read'> {
  /** The incoming weights of the first 32 units, 784 each. */
  filters(): Float32Array[]
}

/** What a net is and how it learns. */
export interface QuickNetOptions {
  /** Of its first weights and of the order of the digits; default 1. */
  readonly seed?: number
  /** Default 784-32-10. */
  readonly build?: () => Module
  /** Default SGD with momentum. */
  readonly optimizer?: Optimizer
  /** Default 0.1. */
  readonly learningRate?: number
}

const small = () => new Sequential(new Flatten(), new Linear(PIXELS, UNITS), new ReLU(), new Linear(UNITS, 10))

/** A net that has learned nothing yet. */
export async function quickNet(train: Digits, options: QuickNetOptions = {}): Promise<QuickNet> {
  const { seed = 1, build = small, learningRate = LEARNING_RATE, optimizer = sgd({ momentum: MOMENTUM }) } = options
  const net = await learningDigits(train, { build, shape: [PIXELS], batch: BATCH, learningRate, optimizer }, seed)
  return Object.assign(net, {
    filters(): Float32Array[] {
      const weights = net.firstWeights()
      return Array.from({ length: UNITS }, (_, unit) => weights.slice(unit * PIXELS, (unit + 1) * PIXELS))
    },
  })
}
