// Switches off ONNX Runtime's telemetry: imported before the native runtime loads, and before a worker starts that
// loads it.
import { isMainThread } from 'node:worker_threads'
import { UserError } from '../../errors.ts'

/** The variable that the native runtime reads, once, when it starts. */
const VARIABLE = 'ORT_DISABLE_TELEMETRY'

if (isMainThread) {
  process.env[VARIABLE] = '1'
} else if (process.env[VARIABLE] !== '1') {
  // A worker's variables are a copy that native code never sees, so a worker cannot mend this.
  throw new UserError({
    rule: "ONNX Runtime's telemetry is switched off before a worker starts.",
    received: `a worker thread without ${VARIABLE}=1`,
    next: "Begin the program's main file with: import '@ddlf/tensor/no-telemetry'",
  })
}
