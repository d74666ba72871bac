// The worker that trains in the page: the same experiment, the same training loop, WebAssembly kernels and a run store
// in memory.
import { experiments } from '@ddlf/course'
import { columnOf, createLoader, type Dataset, type Loader, type LoaderOptions } from '@ddlf/data'
import {
  answersOf,
  argmax,
  classGradients,
  experimentStep,
  failedEvent,
  findExperiment,
  memoryRunStore,
  parseSettings,
  saliency,
  softmaxRows,
  train,
  type Experiment,
  type MemoryRunStore,
} from '@ddlf/lab'
import { graphFigure } from '@ddlf/lab/graph-figure'
import { evaluationStep, loadStateDict, withMode, withSeed, type Module } from '@ddlf/nn'
import { printGraph, simplify, UserError, type Compiled, type Runtime, type Tensor } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import gpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'
import gpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'
import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url'
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import { createGrowingLoader } from './growing-loader.ts'
import { ALL_DIGITS, DIGITS, type FromWorker, type Provider, type ToWorker } from './messages.ts'
import { SHARDS } from './mnist-shards.ts'
import { fetchMnist, type ArrivingMnist } from './mnist.ts'
import { unlessAborted } from './unless-aborted.ts'

const post = (message: FromWorker) => globalThis.postMessage(message)
/** Test digits that a snapshot between epochs looks at, and units whose weights it shows. */
const SNAPSHOT = { examples: 2000, filters: 32, seconds: 0.8 } as const

/** ONNX Runtime's own files for a provider. */
function assetsOf(provider: Provider): { readonly mjs: string; readonly wasm: string } {
  const [script, binary] = provider === 'webgpu' ? [gpuMjs, gpuWasm] : [mjs, wasm]
  return { mjs: new URL(script, location.href).href, wasm: new URL(binary, location.href).href }
}

/** The model as it was at the last snapshot, ready to be asked. */
interface Student {
  readonly experiment: Experiment
  readonly model: Module
  readonly runtime: Runtime
  readonly forward: Compiled<Tensor>
}

let stop: AbortController | undefined
let student: Student | undefined
/**
 * One runtime a worker: its provider and threads are decided once, and a page that wants others starts another worker.
 */
let runtime: Runtime | undefined
let mnist: Promise<ArrivingMnist> | undefined

/** The digits, as many as there are; what did not come the last time is asked for again. */
async function data(folder: string): Promise<ArrivingMnist> {
  const arriving = (mnist ??= fetchMnist(
    folder,
    (loaded, total) => post({ kind: 'data', loaded, total }),
    arrived => post({ kind: 'arrived', arrived }),
  ))
  arriving.catch(() => {
    mnist = undefined
  })
  const found = await arriving
  if (found.arrived.trouble !== undefined) found.fetchRest()
  post({ kind: 'arrived', arrived: found.arrived })
  return found
}

/** What a run that begins on the first digits may be told: all else may ask which examples there are. */
const MAY_GROW = ['hidden', 'learningRate', 'batchSize', 'dropout', 'epochs', 'seed']

/** @throws UserError where digits are missing that these settings need */
async function digitsFor(given: readonly string[], folder: string): Promise<ArrivingMnist> {
  const found = await data(folder)
  const batch = Number(given.find(one => one.startsWith('batchSize='))?.split('=')[1] ?? 0)
  if (batch <= SHARDS[0] && given.every(one => MAY_GROW.includes(one.split('=')[0] ?? ''))) return found
  await found.settled()
  const { digits, of, trouble } = found.arrived
  if (trouble === undefined) return found
  throw new UserError({
    rule: 'These settings need all digits, and some did not arrive.',
    received: `${digits} of ${of} (${trouble})`,
    next: 'Train again when the network is back.',
  })
}

async function snapshot(
  { forward, model }: Student,
  store: MemoryRunStore,
  test: Dataset,
  examples: number,
): Promise<void> {
  const checkpoint = store.loadCheckpoint('last')
  if (!checkpoint) return
  loadStateDict(model, checkpoint.tensors, { strict: false })
  const images = columnOf(test, 'images').data as Uint8Array
  const labels = columnOf(test, 'labels').data.subarray(0, examples)
  const scores = new Float32Array(examples * 10)
  const batch = 1000
  for (let from = 0; from < examples; from += batch) {
    const { data: logits } = await forward(images.subarray(from * 784, (from + batch) * 784))
    scores.set(logits, from * 10)
  }
  const first = Object.values(checkpoint.tensors).find(({ shape }) => shape.length === 2 && shape[1] === 784)
  const filters = Array.from({ length: Math.min(SNAPSHOT.filters, first?.shape[0] ?? 0) }, (_, unit) =>
    (first?.data as Float32Array).slice(unit * 784, (unit + 1) * 784),
  )
  post({
    kind: 'snapshot',
    snapshot: {
      step: checkpoint.loop.globalStep,
      examples,
      filters,
      confusion: answersOf(scores, labels, test.classes ?? []).rows,
    },
  })
}

/** Says from how many digits is learned when that changes. */
function learningFrom(options: LoaderOptions, mnistNow: ArrivingMnist, signal: AbortSignal): Loader {
  let told = 0
  const loader: Loader = createGrowingLoader(options, {
    isWhole: () => mnistNow.arrived.digits === mnistNow.arrived.of,
    count: () => mnistNow.arrived.digits,
    indices: () => mnistNow.indices(),
    judgeable: async () => (await unlessAborted(mnistNow.testThere(), signal)) ?? false,
    onPass: (value, step) => {
      if (value === told) return
      const at = { step: step + 1, epoch: step / loader.stepsPerEpoch }
      const all = told === 0 ? [{ ...at, name: ALL_DIGITS, value: loader.length }] : []
      post({ kind: 'measurements', measurements: [...all, { ...at, name: DIGITS, value }] })
      told = value
    },
  })
  return loader
}

async function trainInThePage({
  experiment: name,
  settings: given,
  data: folder,
  provider,
  threads,
}: Extract<ToWorker, { kind: 'train' }>): Promise<void> {
  stop?.abort()
  stop = new AbortController()
  const { signal } = stop
  const experiment = findExperiment(experiments, name)
  const settings = parseSettings(experiment, given)
  const mnistNow = await unlessAborted(digitsFor(given, folder), signal)
  if (!mnistNow) {
    // Unless it gives way to another run.
    if (stop.signal === signal) post({ kind: 'stopped' })
    return
  }
  const { train: trainData, test } = mnistNow
  const kernels = (runtime ??= onnxWebRuntime({ provider, threads, assets: assetsOf(provider) }))
  const model = withSeed(settings.seed, () => experiment.model(settings))
  const forward = evaluationStep({
    model,
    runtime: kernels,
    batch: { images: { shape: [null, 1, 28, 28], dtype: 'uint8' } },
    compute: (_, inputs) => experiment.task.outputs(model, inputs, settings)['logits'] as Tensor,
  })
  await student?.forward.release()
  const current = (student = { experiment, model, runtime: kernels, forward })
  const store = memoryRunStore(`${name}/in-the-page`)
  let sent = 0
  for await (const event of train({
    experiment,
    settings,
    train: trainData,
    test,
    runtime: kernels,
    store,
    createLoader: options => learningFrom(options, mnistNow, signal),
    signal,
    checkpointSeconds: SNAPSHOT.seconds,
  })) {
    post({ kind: 'event', event })
    if (store.metrics.length > sent)
      post({
        kind: 'measurements',
        measurements: store.metrics
          .slice(sent)
          .map(({ step, epoch, name: metric, value }) => ({ step, epoch, name: metric, value })),
      })
    sent = store.metrics.length
    if (event.kind === 'checkpoint' && mnistNow.hasTest) {
      const atEpochEnd =
        store.metrics.at(-1)?.step === event.step && store.metrics.at(-1)?.name.startsWith('epoch/') === true
      await snapshot(current, store, test, atEpochEnd ? test.length : SNAPSHOT.examples)
    }
    // The kernels block this thread: a turn of the event loop lets messages in.
    await new Promise(resolve => setTimeout(resolve, 0))
  }
}

/** Milliseconds that a measurement takes from its first steps on, and the digits of noise that it learns. */
const MEASURED = { milliseconds: 300, examples: 2048 } as const
/** What a measurement decides by itself. */
const OWN_SETTINGS = ['epochs', 'trainExamples', 'validation', 'seed']

function noise(name: string, length: number): Dataset {
  const images = Uint8Array.from({ length: length * 784 }, (_, i) => (i * 2_654_435_761) >>> 24)
  const labels = Int32Array.from({ length }, (_, i) => i % 10)
  return {
    name, length, classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    columns: {
      images: { dtype: 'uint8', shape: [1, 28, 28], data: images },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
  }
}

/** Trains on noise for a moment. */
async function measure({
  experiment: name, settings: given, provider, threads,
}: Extract<ToWorker, { kind: 'measure' }>): Promise<void> {
  const experiment = findExperiment(experiments, name)
  const chosen = given.filter(one => !OWN_SETTINGS.includes(one.split('=')[0] ?? ''))
  const settings = parseSettings(experiment, [...chosen, 'epochs=10000'])
  const kernels = (runtime ??= onnxWebRuntime({ provider, threads, assets: assetsOf(provider) }))
  let first: { readonly step: number; readonly at: number } | undefined
  for await (const event of train({
    experiment, settings, train: noise('noise', MEASURED.examples), test: noise('noise', 100), runtime: kernels,
    store: memoryRunStore(`${name}/measured`), createLoader, checkpointSeconds: 1e9,
  })) {
    if (event.kind === 'failed') throw new Error(event.message)
    if (event.kind !== 'step') continue
    first ??= { step: event.step, at: performance.now() }
    const milliseconds = performance.now() - first.at
    if (event.step === first.step || milliseconds < MEASURED.milliseconds) continue
    post({ kind: 'measured', stepsPerSecond: (1000 * (event.step - first.step)) / milliseconds })
    return
  }
}

async function predict(pixels: Uint8Array): Promise<void> {
  if (!student) return
  const { forward, model, runtime: kernels } = student
  const { data: logits } = await forward(pixels)
  const probabilities = [...softmaxRows(logits, 10)]
  const likeliest = argmax(probabilities)
  const scaled = Float32Array.from(pixels, value => value / 255)
  const { gradients, shape } = await classGradients(
    x => withMode({ training: false }, () => model.forward(x)).output,
    scaled, [1, 28, 28], Int32Array.of(likeliest), { runtime: kernels },
  )
  post({ kind: 'prediction', probabilities, saliency: saliency(gradients, shape).maps })
}

function draw({ experiment: name, settings: given }: Extract<ToWorker, { kind: 'graph' }>): void {
  const experiment = findExperiment(experiments, name)
  const step = experimentStep(experiment, parseSettings(experiment, given))
  const graph = simplify(step.graph)
  post({
    kind: 'graph',
    svg: graphFigure(graph, { step, id: 'step-in-the-page', title: 'The training step of these settings' }),
    text: printGraph(graph),
  })
}

async function answer(message: ToWorker): Promise<void> {
  if (message.kind === 'train') await trainInThePage(message)
  else if (message.kind === 'measure') await measure(message)
  else if (message.kind === 'stop') stop?.abort()
  else if (message.kind === 'graph') draw(message)
  else if (message.kind === 'predict') await predict(message.pixels)
  else {
    const found = await mnist
    if (!found?.hasTest) return
    const { test } = found
    const index = message.index % test.length
    const pixels = (columnOf(test, 'images').data as Uint8Array).slice(index * 784, (index + 1) * 784)
    post({ kind: 'example', pixels, label: columnOf(test, 'labels').data[index] as number })
  }
}

globalThis.addEventListener('message', ({ data: message }: MessageEvent<ToWorker>) => {
  answer(message).catch((error: unknown) => post({ kind: 'event', event: failedEvent(error) }))
})
