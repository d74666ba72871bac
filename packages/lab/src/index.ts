// The laboratory's portable entry: what runs in a Web Worker, in the page and in Node.
export * from './analysis/index.ts'
export * from './runs/index.ts'
export * from './experiment/experiment.ts'
export * from './data-source/data-source.ts'
export * from './data-source/text-stream.ts'
export { publishedFolds, publishedSet, type FoldSettings } from './data-source/published-set.ts'
export * from './data-source/pairs.ts'
export * from './data-source/published-texts.ts'
export { budgetOf, lengthText, roundsOf, type Budget } from './experiment/budget.ts'
export * from './experiment/metric.ts'
export { fit, load, save, type FitData, type FitOptions, type Fitted } from './fit/fit.ts'
export { arrays, type Arrays, type Columns, type Numbers } from './data-source/arrays.ts'
export * from './own-data/column-encoding.ts'
export * from './own-data/experiments.ts'
export { ownPairSettings, ownTextSettings } from './own-data/settings.ts'
export * from './own-data/pair-summary.ts'
export * from './own-data/table-summary.ts'
export * from './own-data/text-summary.ts'
export * from './studies/index.ts'
export * from './own-data/hashed-tokens.ts'
export {
  beamSearch, type BeamResult, type BeamSearchOptions, type TextContext,
} from './generation/beam-search.ts'
export {
  firstToken, generateText, promptTokens, type GenerateTextOptions,
} from './generation/generate-text.ts'
export { KeepsTooLittle } from './generation/decoding-check.ts'
export { TEXT_DEFAULTS } from './generation/text-defaults.ts'
export { generateTokens, type GenerateOptions } from './generation/generate-tokens.ts'
export * from './recordings/assert-no-less.ts'
export { wantedRuns, type Arm, type Recording, type WantedRun } from './recordings/recording.ts'
export * from './recordings/published-verdict.ts'
export * from './recordings/reproduction.ts'
export * from './recordings/result.ts'
export * from './recordings/search-saving.ts'
export * from './recordings/study-result.ts'
export * from './tasks/classification/classification.ts'
export { NaiveBayes, naiveBayes, type NaiveBayesSettings } from './tasks/counting/naive-bayes.ts'
export { NbSvm, nbSvm, type NbSvmSettings } from './tasks/counting/nb-svm.ts'
export {
  NearestNeighbours,
  nearestNeighbours,
  type NearestNeighboursOptions,
} from './tasks/counting/nearest-neighbours.ts'
export { KneserNey, kneserNeyModel, type KneserNeySettings } from './tasks/counting/kneser-ney.ts'
export { Ngram, ngramModel, type NgramSettings } from './tasks/counting/ngram.ts'
export { classificationMetrics } from './tasks/classification/metrics.ts'
export { adversarial, type Adversaries, type AdversarialSettings } from './tasks/adversarial/adversarial.ts'
export {
  corpusSettings, knownWords, numbersOf, plainWords, wordCorpus, wordsArtifact, type CorpusSettings, type KnownWords,
} from './data-source/word-corpus.ts'
export { vectorsByWord, type VectorsByWordOptions } from './tasks/word-vectors/vectors-by-word.ts'
export {
  characterNgrams, characterNgramSettings, fastTextHash, ngramBuckets, ngramLists, ngramVectors, usedBuckets,
  type CharacterNgramOptions, type NgramLists,
} from './tasks/word-vectors/character-ngrams.ts'
export {
  answerAnalogies, negativeSamplingLoss, WordVectors, wordVectors, wordVectorSettings, type WordVectorSettings,
} from './tasks/word-vectors/word-vectors.ts'
export { wordVector } from './tasks/word-vectors/word-vector.ts'
export {
  countWords, keptShare, NegativeSampling, type LearnedWords, type NegativeSamplingOptions, type WordTables,
  type WordTexts,
} from './tasks/word-vectors/negative-sampling.ts'
export { contextModel, contextsAt } from './tasks/context-model.ts'
export * from './tasks/denoising.ts'
export * from './tasks/distillation.ts'
export * from './tasks/language-model.ts'
export { pairTaskSettings, type PairTaskSettings } from './tasks/pairs/pair-settings.ts'
export * from './tasks/pairs/pairs.ts'
export { regression, type RegressionOptions } from './tasks/regression.ts'
export * from './tasks/tabular.ts'
export * from './tasks/task.ts'
export * from './train/events.ts'
export { findLearningRate, type FindLearningRateOptions } from './train/find-learning-rate.ts'
export {
  classesOf, columnReadBy, columnsOf, headlineOf, inputOf, inputsOf, type ModelInput,
} from './experiment/experiment-data.ts'
export { optimizerOf } from './experiment/recipe.ts'
export * from './trained/export-model.ts'
export { evaluateModel } from './train/evaluator.ts'
export * from './trained/left-out-words.ts'
export * from './trained/predict.ts'
export * from './trained/sample-pictures.ts'
export {
  judgeClasses, judgedIn, judgedTitle, judgeKeptClasses, plainClassifier, plainJudgement, type JudgedClasses,
} from './analysis/classification/judged-classes.ts'
export { judgePictures } from './analysis/classification/judge-pictures.ts'
export { pictureSheet } from './plots/picture-sheet.ts'
export { askModel, type AskedModel } from './trained/ask-model.ts'
export * from './analysis/tokens/language-analysis.ts'
export * from './trained/run-analysis.ts'
export * from './trained/sample-text.ts'
export {
  checkTextGenerator, exportTextGenerator, type TextGenerator,
} from './trained/text-generator/export-text-generator.ts'
export { experimentStep, stepGraph } from './train/step-graph.ts'
export { train, type MetricsByPart, type TrainOptions } from './train/train.ts'
export { modelState, trainedModel } from './trained/trained-model.ts'
export { decodeWeights, loadWeights, type Renaming } from './trained/weights-file.ts'
export { chosenSettings } from './experiment/chosen-settings.ts'
export { trainingSettings } from './experiment/training-settings.ts'
