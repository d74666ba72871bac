// The thread that prepares chunks ahead of training: it fills every free slot, in order, epoch after epoch.
import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '@ddlf/tensor/errors'
import { createBatcher } from '../batches.ts'
import type { Batcher, ChunkPlan } from '../batches.ts'
import { buffersOf } from './messages.ts'
import type { Reply, Request, Slot, WorkerSetup } from './messages.ts'

const port = parentPort
if (port === null) throw new Error('This file runs in a worker thread that createPrefetchingLoader starts.')

function* placesFrom(batcher: Batcher, epoch: number, step: number): Generator<{ epoch: number; plan: ChunkPlan }> {
  for (const plan of batcher.plan(step, epoch)) yield { epoch, plan }
  for (let next = epoch + 1; ; next++) for (const plan of batcher.plan(0, next)) yield { epoch: next, plan }
}

const setup = workerData as WorkerSetup
const reply = (message: Reply, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers)

function guarded(work: () => void) {
  try {
    work()
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    reply({ kind: 'error', message, stack, ...(error instanceof UserError && { parts: error.parts }) })
  }
}

guarded(() => {
  const batcher = createBatcher(setup.options)
  let stream = -1
  let places: ReturnType<typeof placesFrom> | undefined

  const prepare = (slot: Slot) => {
    const place = places?.next()
    if (place === undefined || place.done === true) return
    const { epoch, plan } = place.value
    batcher.fill(slot.memory, slot.indices, epoch, plan)
    reply({ kind: 'chunk', stream, epoch, plan, slot }, buffersOf(slot))
  }

  port.on('message', (request: Request) => {
    guarded(() => {
      if (request.kind === 'start') {
        stream = request.stream
        places = placesFrom(batcher, request.epoch, request.step)
        request.slots.forEach(prepare)
      } else if (request.stream === stream) {
        prepare(request.slot)
      }
    })
  })
})
