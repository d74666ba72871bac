// Nets that a page trains at once, by the course's own layers and step, on the reference runtime; of itself 784-32-10.
import {
  crossEntropy, Flatten, evaluationStep, Linear, ReLU, Sequential, sgd, trainingStep, withSeed, type Module,
  type Optimizer,
} from '@ddlf/nn'
import { div, referenceRuntime, type StepExecutable, type TypedArray } from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { PIXELS, type Digits } from './digits.ts'

export const UNITS = 32
const BATCH = 50
const LEARNING_RATE = 0.1
const MOMENTUM = 0.9

/** A net that learns a little at every call. */
export interface QuickNet {
  readonly steps: number
  readonly epoch: number
  /** Takes so many steps; the mean loss over them. */
  learn(steps: number): Promise<number>
  /** Probabilities of the ten digits for each image. */
  read(images: Uint8Array): Promise<Float32Array[]>
  /** The incoming weights of the first 32 units, 784 each. */
  filters(): Float32Array[]
}

/** The order in which an epoch takes the digits. */
function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const random = uniforms(randomKey(seed, 'shuffle', String(epoch)), count)
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor((random[i] ?? 0) * (i + 1))
    const [a = 0, b = 0] = [order[i], order[other]]
    order[i] = b
    order[other] = a
  }
  return order
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
  const model = withSeed(seed, build)
  const step = trainingStep({
    model,
    batch: { images: { shape: [BATCH, PIXELS] }, labels: { shape: [BATCH], dtype: 'int32' } },
    loss: (net, { images, labels }) => ({ loss: crossEntropy(net.forward(images), labels) }),
    optimizer,
  })
  const program: StepExecutable = await referenceRuntime.compileSteps(step)
  const forward = evaluationStep({
    model,
    batch: { images: { shape: [null, PIXELS], dtype: 'uint8' } },
    runtime: referenceRuntime,
    compute: (net, { images }) => net.forward(div(images.cast('float32'), 255)),
  })
  // Two sets: what is read and what is written must not share memory.
  const copy = (): TypedArray[] => step.state.map(({ data }) => data.slice())
  let [state, next] = [copy(), copy()]
  let [done, epoch, at] = [0, 0, 0]
  let order = shuffled(train.labels.length, seed, epoch)
  const batch = () => {
    if (at + BATCH > order.length) {
      epoch++
      at = 0
      order = shuffled(train.labels.length, seed, epoch)
    }
    const images = new Float32Array(BATCH * PIXELS)
    const labels = new Int32Array(BATCH)
    for (let i = 0; i < BATCH; i++) {
      const digit = order[at + i] ?? 0
      labels[i] = train.labels[digit] ?? 0
      for (let pixel = 0; pixel < PIXELS; pixel++)
        images[i * PIXELS + pixel] = (train.images[digit * PIXELS + pixel] ?? 0) / 255
    }
    at += BATCH
    return { images, labels }
  }
  return {
    get steps() {
      return done
    },
    get epoch() {
      return epoch
    },
    async learn(steps) {
      let loss = 0
      for (let i = 0; i < steps; i++) {
        const { images, labels } = batch()
        done++
        const fresh = [images, labels, Float32Array.of(learningRate), Float32Array.of(done), Int32Array.of(seed, done)]
        const [losses] = await program.run(state, next, fresh, 1)
        loss += losses?.[0] ?? NaN
        ;[state, next] = [next, state]
      }
      // The model's own arrays are what it reads with.
      step.state.forEach(({ data }, i) => data.set(state[i] as never))
      return loss / steps
    },
    async read(images) {
      const { data } = await forward(images)
      return Array.from({ length: images.length / PIXELS }, (_, i) =>
        softmax(data.subarray(i * 10, (i + 1) * 10) as Float32Array),
      )
    },
    filters() {
      const weights = state[0] as Float32Array
      return Array.from({ length: UNITS }, (_, unit) => weights.slice(unit * PIXELS, (unit + 1) * PIXELS))
    },
  }
}

function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = logits.map(value => Math.exp(value - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(value => value / sum)
}
