// A stand-in for a training loop: a deterministic state advanced step by step through a run store. Run as a program it
// trains until it is done or killed: `tiny-training.ts <root> <run, or nothing to start one> <steps>`.
import { pathToFileURL } from 'node:url'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import type { Checkpoint, RunStore } from '../../src/runs/run-store.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { noProvenance } from './temporary-folder.ts'

const SEED = 7
const PER_EPOCH = 5

export const initialState = (size = 8): Checkpoint => ({
  tensors: {
    'model.weight': { dtype: 'float32', shape: [size], data: new Float32Array(size) },
    'optimizer.counts': { dtype: 'int32', shape: [size], data: new Int32Array(size) },
  },
  loop: { epoch: 0, stepInEpoch: 0, globalStep: 0, best: Infinity },
})

/** Trains from where the store stands to `steps`, with a checkpoint every third step. */
export function train(store: RunStore, steps: number, size = 8): Checkpoint {
  let { tensors, loop } = store.resumeFrom ?? initialState(size)
  for (let step = loop.globalStep + 1; step <= steps; step++) {
    const noise = uniformAt(randomKey(SEED, 'noise', step), 0)
    const weight = Float32Array.from(tensors['model.weight']!.data, (value, i) => value * 0.9 + noise * (i % 97))
    const counts = Int32Array.from(tensors['optimizer.counts']!.data, (value, i) => value + Math.imul(step, i))
    tensors = {
      'model.weight': { dtype: 'float32', shape: [weight.length], data: weight },
      'optimizer.counts': { dtype: 'int32', shape: [counts.length], data: counts },
    }
    const loss = Math.abs(Math.sin(step))
    const best = loss < (loop['best'] as number)
    loop = {
      epoch: Math.floor(step / PER_EPOCH),
      stepInEpoch: step % PER_EPOCH,
      globalStep: step,
      best: Math.min(loss, loop['best'] as number),
    }
    store.appendMetrics({ step, epoch: step / PER_EPOCH, values: { 'train/loss': loss, 'train/mean': weight[0] ?? 0 } })
    if (step % PER_EPOCH === 0)
      store.appendMetrics({ step, epoch: step / PER_EPOCH, values: { 'test/loss': loss / 2 } })
    if (step % 3 === 0 || best) store.saveCheckpoint({ tensors, loop }, { best })
  }
  store.saveCheckpoint({ tensors, loop })
  store.finish({ status: 'completed', summary: { least: loop['best'] ?? null } })
  return { tensors, loop }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [root = '', run = '', steps = '0', size = '8'] = process.argv.slice(2)
  const store = run
    ? resumeRun({ root, run, provenance: noProvenance })
    : startRun({ root, experiment: 'tiny', config: {}, seed: SEED, provenance: noProvenance })
  process.stdout.write(`${store.name} from ${store.resumeFrom?.loop.globalStep ?? 0}\n`)
  train(store, Number(steps), Number(size))
}
