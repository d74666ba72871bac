// The laboratory's portable entry: what runs in a Web Worker, in the page and in Node.
export * from './analysis/index.ts'
export * from './runs/index.ts'
