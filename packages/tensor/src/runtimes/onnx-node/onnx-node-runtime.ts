// Runs graphs on ONNX Runtime's native kernels in Node.
import { checkOptions, kinds } from '../../errors.ts'
import { availableParallelism } from 'node:os'
import * as ort from './onnx-runtime.ts'
import { requireGraph, type Graph } from '../../ir/graph.ts'
import { lowerGraph, lowerSteps } from '../../onnx/lower.ts'
import { decompose } from '../../passes/decompose.ts'
import { foldAffine } from '../../passes/fold-affine.ts'
import { simplify } from '../../passes/simplify.ts'
import { fedValueCheck } from '../check-fed-values.ts'
import { DirectStepExecutable, directExecutable } from './c-api/direct-executables.ts'
import { findApi, type NativeInterface } from './c-api/find-api.ts'
import { channelBlock } from './channel-block.ts'
import { OpenSession } from '../open-session.ts'
import { repeatSteps } from '../repeat-steps.ts'
import { programInputs, requireSteps, threadsKind, type Executable, type Runtime } from '../runtime.ts'
import { loopExecutable, sessionExecutable } from '../session-executables.ts'

/** Settings of the native runtime. */
export interface OnnxNodeOptions {
  /** Threads that share the work of one op, at most 1,024; default: the processors this process may use. */
  readonly threads?: number
  /** Whether convolutions may use the blocked layout of the native kernels; default yes, where this machine has it. */
  readonly blockedLayout?: boolean
  /** Where the graph runs: `cpu` (the default), or `webgpu`, which needs an adapter: a Vulkan driver on Linux. */
  readonly provider?: 'cpu' | 'webgpu'
  /**
   * How ONNX Runtime is called on the CPU: `c-api` reads and writes arrays where they lie, `binding` copies every
   * output. Same numbers, bit for bit. Default: what the variable `DDLF_ONNX_INTERFACE` says, else the C API where it
   * works, else the binding.
   */
  readonly interface?: NativeInterface
}

const createSession = (bytes: Uint8Array, threads: number, provider: 'cpu' | 'webgpu'): Promise<OpenSession> =>
  OpenSession.of(ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    // Higher levels do not make a training step faster and cost compile time.
    graphOptimizationLevel: 'basic',
    executionMode: 'sequential',
    // A plan of all buffers is one more block beside those of the first run: ResNet-20's step held 671 MB instead of
    // 424, and was no faster.
    enableMemPattern: false,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Every error is thrown; it need not be printed as well.
    logSeverityLevel: 4,
    // Threads that wait in a loop after a run would slow the next session, which has threads of its own.
    extra: { session: { force_spinning_stop: '1' } },
  }))

/**
 * The passes before a graph is lowered. Equal parts are shared before affine maps are folded, which depends on who
 * reads what.
 */
const prepare = (graph: Graph): Graph => foldAffine(simplify(decompose(graph)))

/**
 * The runtime on native kernels. `run` blocks the thread it is called on: train in a worker. A worker that is to end
 * should end by itself: what it has compiled is freed then, and not by `worker.terminate()`.
 */
export function onnxNodeRuntime(options: OnnxNodeOptions = {}): Runtime {
  const {
    threads = availableParallelism(), blockedLayout = true, provider = 'cpu', interface: wanted,
  } = checkOptions('onnxNodeRuntime', options, {
    threads: threadsKind, blockedLayout: kinds.flag, provider: kinds.oneOf('cpu', 'webgpu'),
    interface: kinds.oneOf('c-api', 'binding'),
  })
  const found = provider === 'cpu' ? findApi(wanted) : undefined
  const api = found && 'api' in found ? found.api : undefined
  const loweringOptions = async () => ({ channelBlock: blockedLayout && provider === 'cpu' ? await channelBlock() : 0 })
  const compile = async (given: Graph): Promise<Executable> => {
    const graph = requireGraph('compile', given)
    const model = lowerGraph(prepare(graph), provider, await loweringOptions())
    const check = fedValueCheck(graph)
    if (api) return directExecutable(graph, { api, model, threads, check })
    const session = await createSession(model.bytes, threads, provider)
    return sessionExecutable(graph, { session, model, Tensor: ort.Tensor, check })
  }
  return {
    name: provider === 'cpu' ? 'onnx-node' : 'onnx-node (WebGPU)',
    compile,
    async compileSteps(given) {
      const program = requireSteps('compileSteps', given)
      // WebGPU has no Loop.
      if (provider === 'webgpu') return repeatSteps(await compile(program.graph), program)
      const simplified = { ...program, graph: prepare(program.graph) }
      const check = fedValueCheck(program.graph, programInputs(program).fresh)
      if (api) {
        const model = lowerGraph(simplified.graph, 'cpu', await loweringOptions())
        return new DirectStepExecutable(simplified, { api, model, threads, check })
      }
      const model = lowerSteps(simplified, 'cpu', await loweringOptions())
      const session = await createSession(model.bytes, threads, provider)
      return loopExecutable(simplified, { session, model, Tensor: ort.Tensor, check }, true)
    },
  }
}
