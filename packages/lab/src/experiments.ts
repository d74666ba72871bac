// What experiments are defined with, apart from the main entry: a list of them needs neither training nor analysis.
export { symmetricEigen } from './analysis/embedding/symmetric-eigen.ts'
export * from './experiment/experiment.ts'
export { optimizerOf } from './experiment/recipe.ts'
export * from './own-data/experiments.ts'
export { ownTextSettings } from './own-data/settings.ts'
export { floatRange, intRange, oneOf } from './studies/space/distribution.ts'
export { when, type Space } from './studies/space/space.ts'
export * from './data-source/data-source.ts'
export * from './data-source/text-stream.ts'
export { publishedFolds, publishedSet, type FoldSettings } from './data-source/published-set.ts'
export * from './data-source/published-texts.ts'
export * from './tasks/classification/classification.ts'
export { adversarial, type Adversaries, type AdversarialSettings } from './tasks/adversarial/adversarial.ts'
export { NaiveBayes, naiveBayes, type NaiveBayesSettings } from './tasks/counting/naive-bayes.ts'
export { NbSvm, nbSvm, type NbSvmSettings } from './tasks/counting/nb-svm.ts'
export {
  NearestNeighbours,
  nearestNeighbours,
  type NearestNeighboursOptions,
} from './tasks/counting/nearest-neighbours.ts'
export { Ngram, ngramModel, type NgramSettings } from './tasks/counting/ngram.ts'
export * from './tasks/denoising.ts'
export * from './tasks/distillation.ts'
export * from './tasks/language-model.ts'
export { regression, type RegressionOptions } from './tasks/regression.ts'
export * from './tasks/tabular.ts'
export * from './tasks/task.ts'
export { trainingSettings } from './experiment/training-settings.ts'
