// @ddlf/tensor: symbolic tensors, their ops and gradients, and what runs them. Everything here works in a Web Worker.
import './tensor-interface.ts'
import './tensor-methods.ts'

export { checkOptions, nearestName, UserError } from './errors.ts'
export { allocate, dtypeKind, MOST_ELEMENTS, type DType, type TypedArray } from './ir/dtype.ts'
export { broadcastShapes, formatShape, sizeOf, type Shape } from './ir/shape.ts'
export {
  buffer, formatType, full, input, ones, parameter, range, requireTensors, tensor, Tensor, tensorKind, zeros,
  type NestedArray,
} from './ir/tensor.ts'
export { flopOf, graph, partsOf, topologicalOrder, type Graph, type Part } from './ir/graph.ts'
export { printGraph } from './ir/print.ts'
export { checkGraph } from './ir/check.ts'
export type { Application, Origin } from './ir/application.ts'
export type { Region } from './ir/region.ts'
export {
  defineMultiOp, defineOp, registeredOps,
  type InputGradient, type Op, type OpDefinition, type ReferenceValue, type Sample, type SingleOutput, type TensorType,
} from './ir/op.ts'
export * from './ops/elementwise.ts'
export { ceil, isNaN, mod, round } from './ops/rounding.ts'
export { expm1, log1p } from './ops/near-zero.ts'
export { gelu, silu } from './ops/gelu.ts'
export { assumeFinite } from './ops/finite.ts'
export { cast, detach } from './ops/cast.ts'
export { clamp, where } from './ops/choice.ts'
export { unbroadcast, type Operand } from './ops/define-elementwise.ts'
export * from './ops/matmul.ts'
export { argmax, argmin, max, mean, min, sum, variance, type ReduceOptions } from './ops/reduce.ts'
export {
  concat, expand, flatten, pad, reshape, split, squeeze, stack, transpose, unsqueeze,
} from './ops/shape.ts'
export { flip, slice } from './ops/slice.ts'
export { all, any, norm, prod, type NormOptions } from './ops/aggregate.ts'
export { cumSum, type CumSumOptions } from './ops/cumulative.ts'
export { tril, triu } from './ops/triangle.ts'
export { einsum } from './ops/einsum.ts'
export { sort, topK, type Sorted } from './ops/sort.ts'
export { embedding, gather, oneHot, scatterAdd } from './ops/gather.ts'
export { indexPut } from './ops/index-put.ts'
export { scatterAddAlongAxis, takeAlongAxis } from './ops/take-along.ts'
export { checkLabels, classLabels, followFromInputs, labelChecks, type LabelCheck } from './ops/labels.ts'
export { logSoftmax, logSumExp, softmax } from './ops/softmax.ts'
export { conv2d, convKinds, convTranspose2d, transposedKinds, type ConvOptions } from './ops/conv.ts'
export {
  batchNorm, channelAffine, channelMoments, groupNorm, localResponseNorm, responseKinds, type LocalResponseNormOptions,
} from './ops/normalize.ts'
export { layerNorm, rmsNorm, type RowNormOptions } from './ops/layer-norm.ts'
export { labelCrossEntropy, type LabelCrossEntropyOptions } from './ops/label-cross-entropy.ts'
export { adaptiveAveragePool2d, averagePool2d, globalAveragePool2d, maxPool2d, type PoolOptions } from './ops/pool.ts'
export {
  padImages, pixelShuffle, pixelUnshuffle, resizeBilinear2d, upsampleBilinear2d, upsampleNearest2d, type PadMode,
} from './ops/resample.ts'
export { paddingKind, pairKind, type Padding, type Pair } from './ops/window.ts'
export { bernoulli, normal, uniform } from './ops/random.ts'
export { cond } from './ops/cond.ts'
export { isTracingBody, scan, type ScanOptions, type ScanStep } from './ops/scan.ts'
export { differentiate } from './differentiate.ts'
export { compile, runtimeKind, type Compiled, type Spec, type Value } from './compile.ts'
export { simplify } from './passes/simplify.ts'
export { substitute } from './passes/substitute.ts'
export { inlineBodies } from './passes/inline-bodies.ts'
export { lowerGraph, lowerSteps, type OnnxModel } from './onnx/lower.ts'
export { lowerInference, type InferenceOptions } from './onnx/lower-inference.ts'
export { evaluate, type Precision } from './runtimes/reference/evaluate.ts'
export { referenceRuntime } from './runtimes/reference/reference-runtime.ts'
export type { Executable, Runtime, StepExecutable, StepProgram } from './runtimes/runtime.ts'
