// The runtimes of Node that keep to one contract, by name: the reference, and both ways of calling ONNX Runtime.
import { referenceRuntime, type Runtime } from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'

export const nodeRuntimes: readonly (readonly [string, Runtime])[] = [
  ['reference', referenceRuntime],
  ['C API', onnxNodeRuntime({ threads: 1, interface: 'c-api' })],
  ['binding', onnxNodeRuntime({ threads: 1, interface: 'binding' })],
]
