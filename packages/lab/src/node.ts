// The laboratory's Node entry: what needs files, processes or the network.
export type { ExperimentModules } from './experiment/experiment-modules.ts'
export { experimentsAmong, experimentsFrom, importOwn, moduleWith } from './experiment/node/experiments-from.ts'
export { isYaml, readStudyFile } from './studies/node/study-file.ts'
export * from './recordings/node/compact-result.ts'
export { compactRateSearch, compactStudy } from './recordings/node/compact-study.ts'
export * from './recordings/node/result-files.ts'
export * from './recordings/node/train-runs.ts'
export * from './runs/node.ts'
export * from './studies/node/study-journal.ts'
export { confirmationOf, confirmationsOf, confirmStudy } from './studies/node/confirm-study.ts'
export type { Confirmation, ConfirmedRun, ConfirmOptions } from './studies/node/confirm-study.ts'
export { estimateTraining, type TrainingCost } from './studies/node/estimate-study.ts'
export {
  checkQueued, defaultJobs, goesOn, runTuning, threadsOf, trainingPool, trainingWork, type TuningEnd,
} from './studies/node/run-tuning.ts'
export { keepRate, keptRates, searchRateInChild } from './studies/node/learning-rate-file.ts'
export { studiesWords } from './studies/node/studies-words.ts'
export { readStudies, readStudy, studyFolder, studyNames, type StudyRecord } from './studies/node/study-folders.ts'
export { openTuning, trialRuns } from './studies/node/tuning.ts'
export type { Tuning, TuningOptions } from './studies/node/tuning.ts'
export { changeNotes, inspectTraining } from './studies/node/study-grounds.ts'
export {
  objectiveMetrics, runsOfTrial, runsPlace, tuningOf, tuningRecord, type TuningRecord,
} from './studies/tuning-record.ts'
export { workerPool, type WorkerPoolOptions } from './jobs/pool/worker-pool.ts'
export { keptArtifact } from './data-source/node/run-artifacts.ts'
export { completedRuns, runWith } from './trained/node/completed-runs.ts'
export { missingRuns } from './trained/node/needed-runs.ts'
export { movedSettings, placesOf, type MovedData } from './data-source/node/moved-data.ts'
export { prepareImage } from './trained/node/prepare-image.ts'
export { changeLine, type DataChanges } from './data-source/node/recorded-split.ts'
export { contentChecksum } from './data-source/node/own-training-data.ts'
export { judgedData, loadSplit, loadTrainingData, type TrainingData } from './data-source/node/training-data.ts'
export { mendOutputs } from './trained/node/mend-outputs.ts'
export { openRunRecord, openTrainedRun, type TrainedRun } from './trained/node/trained-run.ts'
export {
  predictTable,
  type PredictTableOptions,
  type RowPrediction,
  type TablePredictions,
} from './trained/node/predict-table.ts'
export { runWords } from './trained/node/run-words.ts'
export { runTokenizer, runTokenizerJson, type RunWithTokenizer } from './trained/node/run-tokenizer.ts'
export { textsOfExport, type TextsOfExport } from './trained/node/texts-of-export.ts'
export { importWeights, type WeightsImport } from './trained/node/import-weights.ts'
export { machineReport, type Finding, type FindingGroup } from './runs/machine-report.ts'
export * from './trained/node/run-comparison.ts'
export { startTraining } from './jobs/thread/start-training.ts'
export type { Training } from './jobs/training-events.ts'
export type { ExecutedTraining, Executor } from './jobs/executor.ts'
export { processExecutor, type ProcessExecutorOptions } from './jobs/process/process-executor.ts'
export type { TrainingJob } from './jobs/training-job.ts'
