// ONNX Runtime for Node, loaded here and nowhere else: its telemetry is off before it starts.
import './no-telemetry.ts'
export * from 'onnxruntime-node'
