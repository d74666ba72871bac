// @ddlf/data/tokenizers: text to ids and back, learned from scratch or read from a tokenizer.json. Runs in a Web
// Worker too.
export { tokenizerFromJson } from './tokenizer.ts'
export type { DecodeOptions, EncodeOptions, Encoding, SpecialToken, Tokenizer } from './tokenizer.ts'
export { padBatch, truncate } from './batch.ts'
export type { PaddedBatch, PadOptions, TruncateOptions } from './batch.ts'
export { textStream } from './text-stream.ts'
export type { TextStream } from './text-stream.ts'
export { GPT2_PATTERN, GPT4_PATTERN } from './portable-pattern.ts'
export { tokenizerTrainer, trainedKinds, trainTokenizer } from './train/trainer.ts'
export type { TokenizerTrainer, TrainedKind, TrainerOptions } from './train/trainer.ts'
export type { OnMerges } from './train/train-byte-pairs.ts'
export { firstInvalidByte } from './utf8-runs.ts'
