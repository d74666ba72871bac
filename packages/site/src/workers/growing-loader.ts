// A loader of examples that are still arriving: an epoch goes through what is there, again and again, until it has
// taken as many steps as one through all of them has.
import { createLoader, type Chunk, type ChunkColumn, type Loader, type LoaderOptions } from '@ddlf/data'

const SEEDS_APART = 7919

/** Examples that arrive. */
export interface Arriving {
  readonly isWhole: () => boolean
  /** How many are there. */
  readonly count: () => number
  /** Those that are there, ascending. */
  readonly indices: () => Int32Array
  /** Fulfilled when a model can be judged, or with false where nobody waits for that: the epoch is not ended then. */
  readonly judgeable: () => Promise<boolean>
  /** Told, before its first step, how many examples a pass goes through. @param step of the run, from 0 */
  readonly onPass: (examples: number, step: number) => void
}

/** The first steps of a chunk, counted on in its epoch. */
function beginning(chunk: Chunk, epoch: number, step: number, most: number): Chunk {
  const steps = Math.min(chunk.steps, most)
  const cut = ({ shape, data, dtype }: ChunkColumn): ChunkColumn => ({
    dtype,
    shape: [steps, ...shape.slice(1)],
    data: data.subarray(0, (data.length / chunk.steps) * steps),
  })
  return {
    ...chunk, epoch, step, steps,
    columns: Object.fromEntries(Object.entries(chunk.columns).map(([name, column]) => [name, cut(column)])),
    indices: chunk.indices.subarray(0, steps * chunk.batchSize),
  }
}

/**
 * Epochs that begin when all is there are those of `createLoader`, bit for bit. Before that an epoch's batches are full
 * ones of what is there: a pass through it in a random order, and another when that is over or when more has come.
 */
export function createGrowingLoader(options: LoaderOptions, arriving: Arriving): Loader {
  const whole = createLoader(options)
  const { stepsPerEpoch } = whole
  async function* grown(epoch: number, fromStep: number): AsyncIterable<Chunk> {
    let step = fromStep
    for (let pass = 0; step < stepsPerEpoch; pass++) {
      const indices = arriving.indices()
      // Another seed for each pass of an epoch, so that none repeats the order of another.
      const seed = (options.seed ?? 0) + SEEDS_APART * (pass + 1)
      arriving.onPass(indices.length, epoch * stepsPerEpoch + step)
      for await (const chunk of createLoader({ ...options, seed, indices, dropLast: true }).epoch(epoch)) {
        const part = beginning(chunk, epoch, step, stepsPerEpoch - step)
        step += part.steps
        yield part
        if (step >= stepsPerEpoch || arriving.count() > indices.length) break
      }
    }
  }
  return {
    ...whole,
    async *epoch(epoch, fromStep = 0) {
      const isWhole = arriving.isWhole()
      if (isWhole) arriving.onPass(whole.length, epoch * stepsPerEpoch + fromStep)
      for await (const chunk of isWhole ? whole.epoch(epoch, fromStep) : grown(epoch, fromStep)) {
        // Behind the last steps of an epoch the model is judged.
        if (chunk.step + chunk.steps >= stepsPerEpoch && !(await arriving.judgeable())) return
        yield chunk
      }
    },
  }
}
