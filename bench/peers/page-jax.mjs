// jax-js's side of page-step.ts, in a worker of the page: the same network from the same weights on the same batches,
// a whole step compiled at once. It takes as many threads as the page may.
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import bench from '../package.json' with { type: 'json' }
import { answerPage } from './answer-page.ts'
import { batchesOf, weightsOf } from './page-messages.ts'

/** Mean cross-entropy. A function of jax-js uses up its arguments: `.ref` keeps one. */
const lossOf = batch => (layers, x, target) => {
  const logits = layers.reduce((h, { kernel, bias }, i) => {
    const z = np.matmul(h, kernel).add(bias)
    return i < layers.length - 1 ? nn.relu(z) : z
  }, x)
  return nn.logSoftmax(logits, -1).mul(target).sum().mul(-1 / batch)
}

/** SGD with momentum: v = 0.9 v + g, w = w - learningRate v. */
const stepOf = (batch, learningRate) => jit((layers, velocities, x, target) => {
  const kept = layers.map(({ kernel, bias }) => ({ kernel: kernel.ref, bias: bias.ref }))
  const [loss, slopes] = valueAndGrad(lossOf(batch))(kept, x, target)
  const moved = velocities.map((v, i) => ({
    kernel: v.kernel.mul(0.9).add(slopes[i].kernel), bias: v.bias.mul(0.9).add(slopes[i].bias),
  }))
  const next = layers.map(({ kernel, bias }, i) => ({
    kernel: kernel.sub(moved[i].kernel.ref.mul(learningRate)), bias: bias.sub(moved[i].bias.ref.mul(learningRate)),
  }))
  return [loss, next, moved]
})

answerPage(async ({ sizes, batch, learningRate, perRun, prepared }) => {
  await init('wasm')
  defaultDevice('wasm')
  const [inputs, classes] = [sizes[0], sizes.at(-1)]
  let layers = weightsOf(sizes).map(({ weight, inputs: from, units }) => ({
    kernel: np.array(weight).reshape([units, from]).transpose(), bias: np.zeros([units]),
  }))
  let velocities = weightsOf(sizes).map(({ inputs: from, units }) => ({
    kernel: np.zeros([from, units]), bias: np.zeros([units]),
  }))
  const { images, labels } = batchesOf(sizes, batch, perRun)
  const examples = i => {
    const x = Float32Array.from(images.subarray(i * batch * inputs, (i + 1) * batch * inputs), value => value / 255)
    const y = np.array(labels.slice(i * batch, (i + 1) * batch), { dtype: np.int32 })
    return { x: np.array(x).reshape([batch, inputs]), target: nn.oneHot(y, classes) }
  }
  const step = stepOf(batch, learningRate)
  const ready = prepared ? Array.from({ length: perRun }, (_, i) => examples(i)) : []
  let done = 0
  const burst = steps => {
    const losses = []
    for (let i = 0; i < steps; i++, done++) {
      const { x, target } = prepared
        ? { x: ready[done % perRun].x.ref, target: ready[done % perRun].target.ref }
        : examples(done % perRun)
      const [loss, next, moved] = step(layers, velocities, x, target)
      ;[layers, velocities] = [next, moved]
      losses.push(loss)
    }
    return losses.map(loss => loss.dataSync()[0])
  }
  const threads = globalThis.crossOriginIsolated ? 'as many threads as processors' : '1 thread'
  const description = `jax-js ${bench.dependencies['@jax-js/jax']}, WebAssembly, ${threads}`
  return { description, burst }
})
