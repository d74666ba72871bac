// What experiments are defined with, apart from the main entry: a list of them needs neither training nor analysis.
export { symmetricEigen } from './analysis/embedding/symmetric-eigen.ts'
export * from './experiment/experiment.ts'
export * from './own-data/experiments.ts'
export * from './tasks/classification.ts'
export * from './tasks/distillation.ts'
export * from './tasks/tabular.ts'
export { trainingSettings } from './experiment/training-settings.ts'
