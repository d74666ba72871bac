// @ddlf/data: data sets, cards, loaders and transforms. Everything here runs in Node and in a Web Worker.
export { allocate, classCounts, columnOf, sizeOf, splitDataset, splitIndices, subset, take } from './dataset.ts'
export type {
  Column,
  ColumnCard,
  ColumnData,
  ColumnDtype,
  Dataset,
  DatasetCard,
  Edition,
  NpmRelease,
  PinnedFile,
  SplitCard,
  SplitOptions,
} from './dataset.ts'
export { createLoader } from './loader.ts'
export type { Chunk, ChunkColumn, Loader, LoaderOptions } from './loader.ts'
export type { BatchColumn, BatchOptions } from './batches.ts'
export { resolveTransform, transformKinds, transformSchema } from './transforms/transform.ts'
export type { ResolvedTransform, Transform, TransformKind } from './transforms/transform.ts'
export { normalize } from './transforms/normalize.ts'
export { readIdx } from './datasets/idx.ts'
export type { IdxArray } from './datasets/idx.ts'
export { idxFileNames, readIdxDataset } from './datasets/mnist.ts'
export { datasetCard, datasetCards, splitCard } from './datasets/registry.ts'
