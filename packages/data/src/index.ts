// @ddlf/data: data sets, cards, loaders and transforms. Everything here runs in Node and in a Web Worker.
export {
  allocate,
  classCounts,
  columnOf,
  entriesOf,
  exampleOf,
  examplesOf,
  isStream,
  overlaps,
  raggedColumn,
  range,
  sizeOf,
  spanOf,
  startOf,
  stepOf,
  subset,
  take,
  writtenPiece,
  writtenTokens,
} from './dataset.ts'
export { pythonShuffle } from './python-shuffle.ts'
export { foldIndices, foldSize, splitDataset, splitIndices } from './split.ts'
export type { SplitOptions } from './split.ts'
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
  TokenWriting,
} from './dataset.ts'
export { lengthsOf } from './buckets.ts'
export { createLoader } from './loader.ts'
export type { Chunk, ChunkColumn, Loader, LoaderOptions } from './loader.ts'
export type { BatchColumn, BatchOptions } from './batches.ts'
export { resolveTransform, transformKinds, transformSchema } from './transforms/transform.ts'
export type { ResolvedTransform, Transform, TransformKind } from './transforms/transform.ts'
export { transformImage } from './transforms/pipeline.ts'
export type { Occasion } from './transforms/pipeline.ts'
export { normalize } from './transforms/normalize.ts'
export { readIdx } from './datasets/idx.ts'
export type { IdxArray } from './datasets/idx.ts'
export { idxFileNames, readIdxDataset } from './datasets/mnist.ts'
export { readCifar } from './datasets/cifar.ts'
export { readCmudict } from './datasets/cmudict.ts'
export type { PublishedSet, SetFiles } from './datasets/published.ts'
export { datasetCard, datasetCards, publishedSet, publishedSets, splitCard } from './datasets/registry.ts'
export { IntakeCounter, intakeLine, leftOutCount, leftOutText, mergeIntakes, refuseLeftOut } from './own/intake.ts'
export type { Intake, LeftOut } from './own/intake.ts'
export {
  columnPlace,
  columnTexts,
  datasetOfRows,
  leaveOutRows,
  numberFormOf,
  readTable,
  requireOneRole,
  requireRows,
  tableDataset,
} from './own/table-dataset.ts'
export type { TableOptions, UsedRows } from './own/table-dataset.ts'
export { areColumnNames, joinRight, pairDataset, pairText, rightTexts } from './own/text-pairs.ts'
export type { PairColumns, PairTable } from './own/text-pairs.ts'
export { parseTable } from './own/table.ts'
export type { Table } from './own/table.ts'
export { delimiterName } from './own/table-format.ts'
export { fitsFloat32, looksLikeDate, numberOf, readNumbers } from './own/table-numbers.ts'
export type { Commas, NumberForm, NumberReading } from './own/table-numbers.ts'
export type { FoundFormat, TableFormat } from './own/table-format.ts'
export { contactSheet, contactSheetPng } from './contact-sheet.ts'
export type { ContactSheetOptions } from './contact-sheet.ts'
