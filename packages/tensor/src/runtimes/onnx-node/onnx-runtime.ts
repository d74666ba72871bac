// ONNX Runtime for Node, loaded here and nowhere else: its telemetry is off before, and its libraries are whole.
import './no-telemetry.ts'
import './whole-libraries.ts'
export * from 'onnxruntime-node'
