// Runs, the portable part: the formats and the interface that a training loop speaks to.
export * from './compare-runs.ts'
export * from './event-file.ts'
export * from './exact-json.ts'
export * from './metrics-log.ts'
export * from './run-record.ts'
export * from './run-store.ts'
export * from './safetensors.ts'
