// @ddlf/nn: layers, losses, optimizers, schedules and initialisation. Everything here works in a Web Worker.
export {
  labelState, loadStateDict, namedBuffers, namedParameters, parameterCount, stateDict, type Module, type StateDict,
  type StateValue,
} from './module.ts'
export {
  bufferValue, currentRandomKey, isTraining, nextRandomStream, randomBernoulli, randomNormal, randomUniform,
  updateBuffer, withMode, type Mode,
} from './mode.ts'
export * as init from './init.ts'
export { countWeights, newParameter, withSeed, type Initializer } from './init.ts'

export { ELU, elu, GELU, LeakyReLU, leakyRelu, ReLU, Sigmoid, SiLU, Tanh } from './layers/activations.ts'
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './layers/batch-norm.ts'
export { Conv1d, type Conv1dOptions, type Padding1d } from './layers/conv1d.ts'
export { Conv2d, ConvTranspose2d, type Conv2dOptions } from './layers/conv2d.ts'
export { DropConnect, type DropConnectOptions } from './layers/drop-connect.ts'
export { Dropout } from './layers/dropout.ts'
export {
  Embedding, EmbeddingBag, type BagArguments, type EmbeddingBagOptions, type EmbeddingOptions,
} from './layers/embedding.ts'
export { Flatten } from './layers/flatten.ts'
export { GroupNorm } from './layers/group-norm.ts'
export { LayerNorm, RmsNorm, type LayerNormOptions } from './layers/layer-norm.ts'
export { Linear, type LinearOptions } from './layers/linear.ts'
export { LocalResponseNorm } from './layers/local-response-norm.ts'
export { Maxout } from './layers/maxout.ts'
export {
  MultiHeadAttention, type AttentionMasks, type MultiHeadAttentionOptions, type PrepareHeads,
} from './layers/multi-head-attention.ts'
export {
  AdaptiveAvgPool1d, AdaptiveMaxPool1d, AvgPool1d, MaxPool1d, type Pooling1dOptions,
} from './layers/pooling1d.ts'
export { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d, type PoolingOptions } from './layers/pooling.ts'
export {
  alibi, LearnedPositions, rotary, sinusoidalPositions, SinusoidalPositions, type RotaryOptions,
} from './layers/positions.ts'
export {
  GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell, type Recurred, type RecurrentInputs, type RecurrentOptions,
} from './layers/recurrent.ts'
export { BahdanauAttention, LuongAttention, type Attended } from './layers/recurrent-attention.ts'
export {
  attend, lengthMask, scaledDotProductAttention, type AttentionOptions,
} from './layers/scaled-dot-product-attention.ts'
export { Sequential } from './layers/sequential.ts'
export { SwiGlu } from './layers/swi-glu.ts'
export {
  TransformerDecoderLayer, TransformerEncoderLayer, type DecoderMasks, type TransformerLayerOptions,
} from './layers/transformer-layers.ts'
export { Upsample } from './layers/upsample.ts'

export { binaryCrossEntropyWithLogits, type BinaryCrossEntropyOptions } from './losses/binary-cross-entropy.ts'
export { accuracy, correctCount, crossEntropy, errorRate, type CrossEntropyOptions } from './losses/cross-entropy.ts'
export { meanSquaredError } from './losses/mean-squared-error.ts'
export { l1Penalty, sparsityPenalty } from './losses/penalties.ts'
export type { Reduction } from './losses/reduction.ts'

export { adadelta, type AdadeltaOptions } from './optimizers/adadelta.ts'
export { adagrad, type AdagradOptions } from './optimizers/adagrad.ts'
export { adam, adamW, type AdamOptions } from './optimizers/adam.ts'
export { clipGlobalNorm, exponentialMovingAverage, isBiasOrNorm, maxNorm } from './optimizers/constraints.ts'
export { lookahead, type LookaheadOptions } from './optimizers/lookahead.ts'
export { isHiddenMatrix, muon, orthogonalized, type MuonOptions } from './optimizers/muon.ts'
export type { Optimizer, OptimizerSettings, Slots, UpdateArguments } from './optimizers/optimizer.ts'
export { pruned, type PrunedOptions } from './optimizers/pruned.ts'
export { rmsProp, type RmsPropOptions } from './optimizers/rms-prop.ts'
export { sgd, type SgdOptions } from './optimizers/sgd.ts'

export {
  currentDecoding, decodingPositions, keptState, withDecoding, type Decoding, type DecodingOptions, type KeptState,
} from './generation/decoding.ts'
export { beamProgram, NO_ROW, type BeamOptions, type BeamProgram } from './generation/beam-program.ts'
export { decodeSequences, repeatRows, type DecodeOptions } from './generation/decode-sequences.ts'
export type { DecodedModel, KeptEntry } from './generation/decoder.ts'
export { decodingCheck, type DecodingCheck } from './generation/decoding-check.ts'
export {
  generationProgram, type GenerationOptions, type GenerationProgram,
} from './generation/generation-program.ts'
export { tokenGraph, type TokenGraph } from './generation/token-graph.ts'
export { sampleTokens, type SamplingInputs, type SamplingOptions } from './generation/sample.ts'

export * as schedules from './schedules/schedules.ts'
export type { Progress, Schedule } from './schedules/schedules.ts'

export { evaluationStep, type EvaluationOptions } from './evaluation-step.ts'
export type { ParameterChoice, ParameterGroup, ParameterPredicate } from './parameter-groups.ts'
export type { Batch, LossAndMetrics, Objective, Phase } from './phase.ts'
export {
  trainingStep,
  type ColumnSpec, type FreshInput, type PhasedStepOptions, type PhaseInfo, type StateEntry,
  type TrainingStep, type TrainingStepOptions,
} from './training-step.ts'
