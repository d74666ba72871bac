// @ddlf/tensor/node: what needs Node.
export { onnxNodeRuntime, type OnnxNodeOptions } from './runtimes/onnx-node/onnx-node-runtime.ts'
export { runOnnxModel, type ModelInput } from './runtimes/onnx-node/run-model.ts'
export { availableRuntimes, type FoundRuntime } from './runtimes/onnx-node/available-runtimes.ts'
