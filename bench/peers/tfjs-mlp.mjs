// tfjs's side of mlp-step.ts: bursts of training steps of a dense network on the WASM backend.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths, version_wasm as version } from '@tensorflow/tfjs-backend-wasm'

const [sizesText, batchText, optimizerName] = process.argv.slice(2)
const sizes = JSON.parse(sizesText)
const batch = Number(batchText)
setWasmPaths(`${join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')), '..', 'dist')}/`)
await tf.setBackend('wasm')
await tf.ready()

const model = tf.sequential()
sizes.slice(1).forEach((units, i) => model.add(tf.layers.dense({
  units, inputShape: i === 0 ? [sizes[0]] : undefined, activation: i < sizes.length - 2 ? 'relu' : 'linear',
})))
const optimizer = optimizerName === 'sgd' ? tf.train.momentum(0.01, 0.9) : tf.train.adam(1e-3)
const images = tf.tidy(() => tf.randomUniform([batch, sizes[0]], 0, 255).floor().cast('int32'))
const labels = tf.tidy(() => tf.oneHot(tf.randomUniform([batch], 0, sizes.at(-1), 'int32'), sizes.at(-1)))

console.log(`tfjs ${tf.version_core}, WASM backend ${version}, ${tf.env().getAsync ? 'SIMD' : 'no SIMD'}`)
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line)
  const started = performance.now()
  for (let i = 0; i < steps; i++) {
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(labels, model.predict(images.cast('float32').div(255))),
      true,
    )
    loss.dataSync()
    loss.dispose()
  }
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }))
}
