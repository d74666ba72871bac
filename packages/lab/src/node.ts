// The laboratory's Node entry: what needs files, processes or the network.
export * from './runs/node.ts'
export { figureDocument } from './plots/figure-document-node.ts'
export { contentChecksum, loadSplit, loadTrainingData, type TrainingData } from './train/node/training-data.ts'
export { openRunRecord, openTrainedRun, type TrainedRun } from './train/node/trained-run.ts'
export { importWeights, type WeightsImport } from './train/node/import-weights.ts'
export { startTraining, type Training } from './train/node/start-training.ts'
export type { TrainingJob } from './train/node/training-messages.ts'
