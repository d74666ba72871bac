// @ddlf/tensor/browser: what runs graphs in a page's worker.
export { onnxWebRuntime, type OnnxWebOptions } from './runtimes/onnx-web/onnx-web-runtime.ts'
