// Runs a list of transforms over the examples of a chunk, with randomness counted by (seed, epoch, example).
import { UserError } from '@ddlf/tensor/errors'
import { randomKey } from '@ddlf/tensor/random'
import type { RandomKey } from '@ddlf/tensor/random'
import { columnOf, sizeOf } from '../dataset.ts'
import type { Column, ColumnData, ColumnDtype } from '../dataset.ts'
import { randomCrop } from './crop.ts'
import { cutout, randomErasing } from './erase.ts'
import { alternatingFlip, horizontalFlip } from './flip.ts'
import { cutmix, mixup } from './mixup.ts'
import { normalizeInto } from './normalize.ts'
import { resolveTransform } from './transform.ts'
import type { ResolvedTransform, Transform } from './transform.ts'
import { affine, elastic } from './warp.ts'

/** Height, width and channels of an image stored as `[channels, height, width]`. */
export interface ImageShape {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/**
 * Changes one image in place. It starts at `offset` of `pixels`; every random choice is a function of `key` (of the
 * transform and the epoch) and `index` (the example), so the result does not depend on the batch or the thread. The
 * epoch itself is for those whose key is the same in all epochs.
 */
export type ImageOperation = (pixels: Uint8Array, offset: number, key: RandomKey, index: number, epoch: number) => void

const operationOf = (transform: ResolvedTransform, shape: ImageShape): ImageOperation | undefined => {
  switch (transform.kind) {
    case 'randomCrop':
      return randomCrop(transform, shape)
    case 'horizontalFlip':
      return horizontalFlip(transform, shape)
    case 'alternatingFlip':
      return alternatingFlip(shape)
    case 'rotation':
      return affine({ ...transform, kind: 'affine', translate: 0, scale: [1, 1], shear: 0 }, shape)
    case 'affine':
      return affine(transform, shape)
    case 'elastic':
      return elastic(transform, shape)
    case 'cutout':
      return cutout(transform, shape)
    case 'randomErasing':
      return randomErasing(transform, shape)
    case 'mixup':
    case 'cutmix':
    case 'normalize':
      return undefined
  }
}

/** The part of a chunk's description that transforms read. */
interface Steps {
  readonly step: number
  readonly steps: number
  readonly batchSize: number
}

/** A checked list of transforms, ready to run. */
export interface Pipeline {
  /** Element type and shape per example of every column after the transforms. */
  readonly columns: Readonly<Record<string, { dtype: ColumnDtype; shape: readonly number[] }>>
  /** Where the raw examples of a column are to be gathered before {@link Pipeline.apply}. */
  staging(name: string, memory: Readonly<Record<string, ColumnData>>, length: number): ColumnData
  apply(memory: Readonly<Record<string, ColumnData>>, indices: Int32Array, epoch: number, plan: Steps): void
}

const keyOf = (seed: number, position: number, kind: string, epoch: number) =>
  randomKey(seed, 'transform', position, kind, kind === 'alternatingFlip' ? 0 : epoch)

/** @throws what `refuse` makes of the rule, where a column is none of class indices */
function checkLabels(labels: Column | undefined, name: string, refuse: (rule: string) => UserError): void {
  if (labels === undefined || labels.dtype === 'float32' || labels.shape.length > 0)
    throw refuse(`needs a column '${name}' of class indices`)
}

/** Where a stage stands, and where it finds the raw examples of a column. */
interface StagePlace {
  readonly seed: number
  readonly position: number
  readonly stagingOf: (name: string, memory: Readonly<Record<string, ColumnData>>) => ColumnData
}

/** Mixes the images of a batch with one another, batch by batch. */
function blendStage(
  transform: Extract<ReturnType<typeof resolveTransform>, { readonly kind: 'mixup' | 'cutmix' }>,
  size: { readonly channels: number; readonly height: number; readonly width: number },
  { seed, position, stagingOf }: StagePlace,
): Pipeline['apply'] {
  const { kind } = transform
  const blend = (kind === 'mixup' ? mixup : cutmix)(transform.alpha, size)
  return (memory, indices, epoch, { steps, batchSize, step }) => {
    const pixels = stagingOf(transform.column, memory) as Uint8Array
    const labels = memory[transform.labels] as Int32Array
    const outputs = { mixedLabels: memory['mixedLabels'] as Int32Array, lambda: memory['lambda'] as Float32Array }
    const key = keyOf(seed, position, kind, epoch)
    for (let k = 0; k < steps; k++) {
      blend(pixels, labels, outputs, indices, k * batchSize, batchSize, key, step + k)
    }
  }
}

/**
 * Checks transforms against the columns of a data set and prepares to run them.
 * @throws UserError when a transform is malformed, or does not fit the column it names
 */
export function compileTransforms(
  transforms: readonly Transform[],
  source: Readonly<Record<string, Column>>,
  seed: number,
): Pipeline {
  const columns: Record<string, { dtype: ColumnDtype; shape: readonly number[] }> = {}
  for (const [name, { dtype, shape }] of Object.entries(source)) columns[name] = { dtype, shape }
  const normalized = new Map<string, ColumnData>()
  const stages: Pipeline['apply'][] = []
  const finals: Pipeline['apply'][] = []
  const stagingOf = (name: string, memory: Readonly<Record<string, ColumnData>>): ColumnData => {
    const staged = normalized.get(name) ?? memory[name]
    if (staged === undefined) throw new Error(`the chunk has no memory for column '${name}'`)
    return staged
  }

  for (const [position, written] of transforms.entries()) {
    const transform = resolveTransform(written)
    const { kind } = transform
    const column = columnOf({ name: 'in the batch', length: 0, columns: source }, transform.column)
    const refuse = (rule: string) =>
      new UserError({
        rule: `The transform '${kind}' ${rule}.`,
        received: `column '${transform.column}': ${column.dtype} [${column.shape.join(', ')}]`,
      })
    const [channels = 0, height = 0, width = 0] = column.shape
    if (normalized.has(transform.column))
      throw refuse(`cannot follow 'normalize', which must be the last of its column`)
    if (kind === 'normalize') {
      const extents = [transform.mean.length, transform.standardDeviation.length]
      if (column.dtype === 'int32' || extents.some(extent => extent !== 1 && extent !== channels))
        throw refuse(`needs uint8 or float32, and one mean and standard deviation for each of its ${channels} channels`)
      normalized.set(transform.column, column.dtype === 'uint8' ? new Uint8Array(0) : new Float32Array(0))
      columns[transform.column] = { dtype: 'float32', shape: column.shape }
      const size = sizeOf(column.shape)
      finals.push((memory, _indices, _epoch, plan) => {
        const normalizedTo = memory[transform.column] as Float32Array
        const count = plan.steps * plan.batchSize * size
        normalizeInto(normalizedTo, stagingOf(transform.column, memory), count, column.shape, transform)
      })
      continue
    }
    if (column.dtype !== 'uint8' || column.shape.length !== 3)
      throw refuse('changes images: uint8 of shape [channels, height, width]')
    const size = sizeOf(column.shape)
    if (kind === 'mixup' || kind === 'cutmix') {
      checkLabels(source[transform.labels], transform.labels, refuse)
      if ('lambda' in columns) throw refuse('can be used once, and not with the other of mixup and cutmix')
      columns['mixedLabels'] = { dtype: 'int32', shape: [] }
      columns['lambda'] = { dtype: 'float32', shape: [] }
      stages.push(blendStage(transform, { channels, height, width }, { seed, position, stagingOf }))
      continue
    }
    if (kind === 'randomCrop' && transform.padding >= Math.min(height, width))
      throw refuse('needs a padding smaller than the image')
    const operation = operationOf(transform, { channels, height, width }) as ImageOperation
    stages.push((memory, indices, epoch, plan) => {
      const pixels = stagingOf(transform.column, memory) as Uint8Array
      const key = keyOf(seed, position, kind, epoch)
      const count = plan.steps * plan.batchSize
      for (let k = 0; k < count; k++) operation(pixels, k * size, key, indices[k] as number, epoch)
    })
  }

  return {
    columns,
    staging(name, memory, length) {
      const scratch = normalized.get(name)
      if (scratch === undefined) return memory[name] as ColumnData
      if (scratch.length >= length) return scratch
      const grown = scratch instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)
      normalized.set(name, grown)
      return grown
    },
    apply(memory, indices, epoch, plan) {
      for (const stage of stages) stage(memory, indices, epoch, plan)
      for (const stage of finals) stage(memory, indices, epoch, plan)
    },
  }
}

/** Which random numbers an example gets. */
export interface Occasion {
  readonly seed: number
  readonly epoch: number
  /** Index of the example in its data set. */
  readonly index: number
}

/**
 * One image after the given transforms, exactly as the loader would deliver it (`mixup`, `cutmix` and `normalize`
 * concern whole batches and are refused). The image given is not changed.
 * @param image `[channels, height, width]`, bytes
 */
export function transformImage(
  image: Uint8Array,
  shape: readonly number[],
  transforms: readonly Transform[],
  occasion: Occasion,
): Uint8Array {
  const [channels = 0, height = 0, width = 0] = shape
  const changed = new Uint8Array(image)
  for (const [position, written] of transforms.entries()) {
    const transform = resolveTransform(written)
    const operation = operationOf(transform, { channels, height, width })
    if (operation === undefined)
      throw new UserError({ rule: `The transform '${transform.kind}' works on a batch, not on one image.` })
    operation(
      changed,
      0,
      keyOf(occasion.seed, position, transform.kind, occasion.epoch),
      occasion.index,
      occasion.epoch,
    )
  }
  return changed
}
