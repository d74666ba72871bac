// What experiments are defined with, apart from the main entry: a list of them needs neither training nor analysis.
export { nearestTokens, type NearToken } from './analysis/tokens/nearest-tokens.ts'
export { symmetricEigen } from './analysis/embedding/symmetric-eigen.ts'
export * from './experiment/experiment.ts'
export { optimizerOf } from './experiment/recipe.ts'
export * from './own-data/experiments.ts'
export { ownPairSettings, ownTextSettings } from './own-data/settings.ts'
export { floatRange, intRange, oneOf } from './studies/space/distribution.ts'
export { when, type Space } from './studies/space/space.ts'
export * from './data-source/data-source.ts'
export * from './data-source/text-stream.ts'
export { publishedFolds, publishedSet, type FoldSettings } from './data-source/published-set.ts'
export * from './data-source/pairs.ts'
export * from './data-source/published-texts.ts'
export {
  corpusSettings, knownWords, numbersOf, plainWords, wordCorpus, wordsArtifact, type CorpusSettings, type KnownWords,
} from './data-source/word-corpus.ts'
export * from './tasks/classification/classification.ts'
export { adversarial, type Adversaries, type AdversarialSettings } from './tasks/adversarial/adversarial.ts'
export { NaiveBayes, naiveBayes, type NaiveBayesSettings } from './tasks/counting/naive-bayes.ts'
export { NbSvm, nbSvm, type NbSvmSettings } from './tasks/counting/nb-svm.ts'
export {
  NearestNeighbours,
  nearestNeighbours,
  type NearestNeighboursOptions,
} from './tasks/counting/nearest-neighbours.ts'
export { KneserNey, kneserNeyModel, type KneserNeySettings } from './tasks/counting/kneser-ney.ts'
export { Ngram, ngramModel, type NgramSettings } from './tasks/counting/ngram.ts'
export { vectorsByWord, type VectorsByWordOptions } from './tasks/word-vectors/vectors-by-word.ts'
export {
  characterNgramSettings, ngramVectors,
} from './tasks/word-vectors/character-ngrams.ts'
export {
  answerAnalogies, negativeSamplingLoss, WordVectors, wordVectors, wordVectorSettings, type WordVectorSettings,
} from './tasks/word-vectors/word-vectors.ts'
export {
  countWords, keptShare, NegativeSampling, type LearnedWords, type NegativeSamplingOptions, type WordTables,
  type WordTexts,
} from './tasks/word-vectors/negative-sampling.ts'
export { contextModel } from './tasks/context-model.ts'
export * from './tasks/denoising.ts'
export * from './tasks/distillation.ts'
export * from './tasks/language-model.ts'
export { pairTaskSettings, type PairTaskSettings } from './tasks/pairs/pair-settings.ts'
export * from './tasks/pairs/pairs.ts'
export { regression, type RegressionOptions } from './tasks/regression.ts'
export * from './tasks/tabular.ts'
export * from './tasks/task.ts'
export { trainingSettings } from './experiment/training-settings.ts'
