// @ddlf/data/node: what needs a file system, a network or threads.
export { loadDataset } from './load.ts'
export type { LoadOptions } from './load.ts'
export { createPrefetchingLoader, shareDataset } from './prefetch/prefetching-loader.ts'
export type { PrefetchingLoaderOptions } from './prefetch/prefetching-loader.ts'
export { startTypeScriptWorker } from './prefetch/start-worker.ts'
export { cacheFolder, searchFolders } from './cache/folders.ts'
