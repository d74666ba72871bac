// Runs as those see them who list, show and remove them, apart from what trains: without checkpoints' tensors and event
// files.
export { sparkline } from '../analysis/statistics/sparkline.ts'
export { explainFileError } from './atomic-file.ts'
export { metricNames, metricSeries, type MetricSeries } from './compare-runs.ts'
export { checkpointNames } from './checkpoint.ts'
export * from './run-folder.ts'
export { isRunName, nameOfRun, runPlace, runPlaces, type RunFolder } from './run-place.ts'
export { runStatuses, type RunStatus } from './run-record.ts'
export * from './run-reference.ts'
export { flatMetrics, measuredAs, type RunSummary } from './run-summary.ts'
export { metricsOfRun } from './earlier-metrics.ts'
export * from './run-trash.ts'
export { runsWords } from './runs-words.ts'
