// @ddlf/tensor/node: what needs Node. Imported in the main thread, it switches off the native runtime's telemetry
// there.
import './runtimes/onnx-node/no-telemetry.ts'
export { onnxNodeRuntime, type OnnxNodeOptions } from './runtimes/onnx-node/onnx-node-runtime.ts'
export { runOnnxModel, type ModelInput } from './runtimes/onnx-node/run-model.ts'
export { availableRuntimes, type FoundRuntime } from './runtimes/onnx-node/available-runtimes.ts'
