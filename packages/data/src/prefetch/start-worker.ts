// Starts a worker thread on a module of ours, from any process: the command line's, a test's, or one without a loader.
import { Worker } from 'node:worker_threads'
import type { WorkerOptions } from 'node:worker_threads'

/**
 * Megabytes for young objects. Threads here hold typed arrays, which live elsewhere: Node's default only lets garbage
 * pile up.
 */
const YOUNG_GENERATION = 12

/**
 * A worker thread that runs a module: TypeScript in a checkout, JavaScript in an installed package. Module hooks given
 * with `--import` are not in force for the first file of a thread in Node 20, so for TypeScript a line of plain
 * JavaScript runs first and imports the module through tsx.
 * @param url the module, for example `new URL('./worker.ts', import.meta.url)`; a build names the file it has become
 */
export function startWorker(url: URL, options: Omit<WorkerOptions, 'eval' | 'execArgv'> = {}): Worker {
  const shared = { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION }, ...options, execArgv: [] }
  if (!url.pathname.endsWith('.ts')) return new Worker(url, shared)
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const module = JSON.stringify(url.href)
  // A rejected promise of the module ends the thread as an 'error' event.
  const program = `import(${tsx}).then(({ tsImport }) => tsImport(${module}, ${module}))`
  return new Worker(program, { ...shared, eval: true })
}
