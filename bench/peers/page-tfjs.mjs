// tfjs's side of page-step.ts, in a worker of the page: the same network from the same weights on the same batches.
import * as tf from '@tensorflow/tfjs'
import { setThreadsCount, setWasmPaths, version_wasm as version } from '@tensorflow/tfjs-backend-wasm'
import { answerPage } from './answer-page.ts'
import { batchesOf, weightsOf } from './page-messages.ts'

answerPage(async ({ sizes, batch, optimizer: name, learningRate, threads, perRun, prepared, assets }) => {
  setWasmPaths(assets)
  setThreadsCount(threads)
  await tf.setBackend('wasm')
  await tf.ready()
  const model = tf.sequential()
  sizes.slice(1).forEach((units, i) => model.add(tf.layers.dense({
    units, inputShape: i === 0 ? [sizes[0]] : undefined, activation: i < sizes.length - 2 ? 'relu' : 'linear',
  })))
  // A kernel of tfjs is [inputs, units], a weight of ours [units, inputs].
  model.setWeights(
    weightsOf(sizes).flatMap(({ weight, inputs, units }) => [
      tf.tidy(() => tf.tensor2d(weight, [units, inputs]).transpose()),
      tf.zeros([units]),
    ]),
  )
  const optimizer = name === 'sgd' ? tf.train.momentum(learningRate, 0.9) : tf.train.adam(learningRate)
  const { images, labels } = batchesOf(sizes, batch, perRun)
  const examples = i => ({
    x: tf.tensor2d(images.subarray(i * batch * sizes[0], (i + 1) * batch * sizes[0]), [batch, sizes[0]], 'int32'),
    y: tf.tensor1d(labels.subarray(i * batch, (i + 1) * batch), 'int32'),
  })
  const scaled = ({ x, y }) => ({ x: x.cast('float32').div(255), target: tf.oneHot(y, sizes.at(-1)).cast('float32') })
  const ready = prepared ? Array.from({ length: perRun }, (_, i) => tf.tidy(() => scaled(examples(i)))) : []
  let done = 0
  const burst = steps => {
    const losses = []
    for (let i = 0; i < steps; i++, done++) {
      const loss = optimizer.minimize(() => {
        const { x, target } = prepared ? ready[done % perRun] : scaled(examples(done % perRun))
        return tf.losses.softmaxCrossEntropy(target, model.predict(x))
      }, true)
      losses.push(loss.dataSync()[0])
      loss.dispose()
    }
    return losses
  }
  const threaded = threads > 1 && Boolean(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'))
  const description = `tfjs ${tf.version_core}, WASM ` +
    `backend ${version}, ${(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'no SIMD'}, ` +
      (threaded ? `${threads} threads` : '1 thread')
  return { description, burst }
})
