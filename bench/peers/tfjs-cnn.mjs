// tfjs's side of cnn-step.ts: bursts of training steps of LeNet-5 on the WASM backend.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths, version_wasm as version } from '@tensorflow/tfjs-backend-wasm'

const batch = Number(process.argv[2])
setWasmPaths(`${join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')), '..', 'dist')}/`)
await tf.setBackend('wasm')
await tf.ready()

const model = tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 6, kernelSize: 5, padding: 'same', activation: 'relu' }),
  tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
  tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
  tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
  tf.layers.flatten(),
  tf.layers.dense({ units: 120, activation: 'relu' }),
  tf.layers.dense({ units: 84, activation: 'relu' }),
  tf.layers.dense({ units: 10 }),
] })
const optimizer = tf.train.momentum(0.01, 0.9)
const images = tf.randomUniform([batch, 28, 28, 1])
const labels = tf.tidy(() => tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10))

console.log(`tfjs ${tf.version_core}, WASM backend ${version}`)
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line)
  const started = performance.now()
  for (let i = 0; i < steps; i++) {
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, model.predict(images)), true)
    loss.dataSync()
    loss.dispose()
  }
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }))
}
