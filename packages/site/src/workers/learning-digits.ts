// A net that learns digits in the page, a little at every call, on the reference runtime.
import { crossEntropy, evaluationStep, trainingStep, withSeed, type Module, type Optimizer } from '@ddlf/nn'
import { div, referenceRuntime, type StepExecutable, type Tensor, type TypedArray } from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { PIXELS, type Digits } from './digits.ts'

/** What learns, and how. */
export interface DigitsLearner<M extends Module> {
  readonly build: () => M
  /** Of one digit, as the net takes it: 784 pixels, or one map of 28 x 28. */
  readonly shape: readonly number[]
  readonly batch: number
  readonly learningRate: number
  readonly optimizer: Optimizer
  /** What is asked of the net beside its logits, by name; default nothing. */
  readonly look?: (model: M, images: Tensor) => Readonly<Record<string, Tensor>>
}

/** What a net says of images: numbers one image after another. */
export type Said = Readonly<Record<string, Float32Array>>

/** A net that learns a little at every call. */
export interface LearningDigits<M extends Module> {
  /** Its parameters are those that it has learned so far. */
  readonly model: M
  readonly steps: number
  readonly epoch: number
  /** Takes so many steps; the mean loss over them. */
  learn(steps: number): Promise<number>
  /** Probabilities of the ten digits for each image. */
  read(images: Uint8Array): Promise<Float32Array[]>
  /** The first of its parameters, as it is now. */
  firstWeights(): Float32Array
  /** What else is asked of it, and its logits, for images. */
  look(images: Uint8Array): Promise<Said>
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

/** Batches of an epoch after another, each digit once in each. */
function batchesOf(train: Digits, size: number, seed: number) {
  let [epoch, at] = [0, 0]
  let order = shuffled(train.labels.length, seed, epoch)
  const next = (): [Float32Array, Int32Array] => {
    if (at + size > order.length) {
      epoch++
      at = 0
      order = shuffled(train.labels.length, seed, epoch)
    }
    const images = new Float32Array(size * PIXELS)
    const labels = new Int32Array(size)
    for (let i = 0; i < size; i++) {
      const digit = order[at + i] ?? 0
      labels[i] = train.labels[digit] ?? 0
      for (let pixel = 0; pixel < PIXELS; pixel++)
        images[i * PIXELS + pixel] = (train.images[digit * PIXELS + pixel] ?? 0) / 255
    }
    at += size
    return [images, labels]
  }
  return { next, epoch: () => epoch }
}

/** A net that has learned nothing yet. @param seed of its first weights and of the order of the digits */
export async function learningDigits<M extends Module>(
  train: Digits,
  { build, shape, batch, learningRate, optimizer, look }: DigitsLearner<M>,
  seed = 1,
): Promise<LearningDigits<M>> {
  const model = withSeed(seed, build)
  const step = trainingStep({
    model,
    batch: { images: { shape: [batch, ...shape] }, labels: { shape: [batch], dtype: 'int32' } },
    loss: (net, { images, labels }) => ({ loss: crossEntropy(net.forward(images), labels) }),
    optimizer,
  })
  const program: StepExecutable = await referenceRuntime.compileSteps(step)
  const asked = { images: { shape: [null, ...shape], dtype: 'uint8' as const } }
  const forward = evaluationStep({
    model,
    batch: asked,
    runtime: referenceRuntime,
    compute(net, { images }) {
      const scaled = div(images.cast('float32'), 255)
      return { logits: net.forward(scaled), ...look?.(net, scaled) }
    },
  })
  const judge = evaluationStep({
    model,
    batch: asked,
    runtime: referenceRuntime,
    compute: (net, { images }) => net.forward(div(images.cast('float32'), 255)),
  })
  // Two sets: what is read and what is written must not share memory.
  const copy = (): TypedArray[] => step.state.map(({ data }) => data.slice())
  let [state, next] = [copy(), copy()]
  let done = 0
  const batches = batchesOf(train, batch, seed)
  return {
    model,
    get steps() {
      return done
    },
    get epoch() {
      return batches.epoch()
    },
    async learn(steps) {
      let loss = 0
      for (let i = 0; i < steps; i++) {
        const digits = batches.next()
        done++
        const fresh = [...digits, Float32Array.of(learningRate), Float32Array.of(done), Int32Array.of(seed, done)]
        const [losses] = await program.run(state, next, fresh, 1)
        loss += losses?.[0] ?? NaN
        ;[state, next] = [next, state]
      }
      // The model's own arrays are what it reads with.
      step.state.forEach(({ data }, i) => data.set(state[i] as never))
      return loss / steps
    },
    async read(images) {
      const { data } = await judge(images)
      return Array.from({ length: images.length / PIXELS }, (_, i) =>
        softmax(data.subarray(i * 10, (i + 1) * 10) as Float32Array),
      )
    },
    firstWeights: () => state[0] as Float32Array,
    async look(images) {
      const found = await forward(images)
      return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data as Float32Array]))
    },
  }
}

/** Probabilities from logits. */
export function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = logits.map(value => Math.exp(value - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(value => value / sum)
}
