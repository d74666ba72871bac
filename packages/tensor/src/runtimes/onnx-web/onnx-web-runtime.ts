// Runs graphs on ONNX Runtime's WebAssembly kernels, or on WebGPU, in a page's worker. In Node the WebAssembly kernels
// run too.
import type * as Ort from 'onnxruntime-web/wasm'
import { checkOptions, kinds } from '../../errors.ts'
import { requireGraph, type Graph } from '../../ir/graph.ts'
import { lowerGraph, lowerSteps } from '../../onnx/lower.ts'
import { simplify } from '../../passes/simplify.ts'
import { fedValueCheck } from '../check-fed-values.ts'
import { OpenSession } from '../open-session.ts'
import { repeatSteps } from '../repeat-steps.ts'
import {
  programInputs, requireSteps, threadsKind, type Executable, type Runtime, type StepExecutable, type StepProgram,
} from '../runtime.ts'
import { loopExecutable, sessionExecutable } from '../session-executables.ts'

/** Settings of the web runtime. */
export interface OnnxWebOptions {
  /** `wasm` (the default) runs everywhere; `webgpu` needs an adapter. */
  readonly provider?: 'wasm' | 'webgpu'
  /**
   * Threads of the WebAssembly kernels, at most 1,024; default 1. More than one needs a page that is cross-origin
   * isolated.
   */
  readonly threads?: number
  /**
   * Addresses of ONNX Runtime's own module (`ort-wasm-simd-threaded.mjs`) and binary (`.wasm`; the `asyncify` pair for
   * WebGPU), as a bundler gives them. Default: beside the package, which suits Node.
   */
  readonly assets?: { readonly mjs: string; readonly wasm: string }
}

type Backend = typeof Ort

/**
 * Loads ONNX Runtime for a provider. Its environment is global: the first runtime of a provider decides threads and
 * addresses.
 */
async function loadBackend({ provider = 'wasm', threads = 1, assets }: OnnxWebOptions): Promise<Backend> {
  const ort = provider === 'webgpu' ? ((await import('onnxruntime-web/webgpu')) as unknown as Backend)
    : await import('onnxruntime-web/wasm')
  ort.env.wasm.numThreads = threads
  // The runtime lives in the trainer's worker already: a further proxy worker would only copy.
  ort.env.wasm.proxy = false
  if (assets) ort.env.wasm.wasmPaths = { mjs: assets.mjs, wasm: assets.wasm }
  ort.env.logLevel = 'error'
  return ort
}

/**
 * The runtime on WebAssembly or WebGPU. `run` on WebAssembly blocks the thread it is called on: train in a worker.
 * With WebAssembly several steps are one Loop inside the graph; WebGPU has no kernel for Loop and runs one step at a
 * time.
 */
export function onnxWebRuntime(options: OnnxWebOptions = {}): Runtime {
  const { provider = 'wasm' } = checkOptions('onnxWebRuntime', options, {
    provider: kinds.oneOf('wasm', 'webgpu'), threads: threadsKind, assets: kinds.dictionary(kinds.text),
  })
  let loaded: Promise<Backend> | undefined
  const backend = () => (loaded ??= loadBackend(options))

  async function open(bytes: Uint8Array) {
    const { InferenceSession, Tensor } = await backend()
    const session = await OpenSession.of(InferenceSession.create(bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: 'basic',
      executionMode: 'sequential',
      logSeverityLevel: 4,
    }))
    return { session, Tensor }
  }

  async function compile(given: Graph): Promise<Executable> {
    const graph = requireGraph('compile', given)
    const model = lowerGraph(simplify(graph), provider)
    const check = fedValueCheck(graph)
    return sessionExecutable(graph, { ...await open(model.bytes), model, check })
  }

  async function compileLoop(program: StepProgram): Promise<StepExecutable> {
    const { graph } = program
    const model = lowerSteps({ ...program, graph: simplify(graph) }, provider)
    const check = fedValueCheck(graph, programInputs(program).fresh)
    // Arrays given for outputs come back as zeros here.
    return loopExecutable(program, { ...await open(model.bytes), model, check }, false)
  }

  return {
    name: provider === 'webgpu' ? 'onnx-web (WebGPU)' : 'onnx-web (WASM)',
    compile,
    async compileSteps(given) {
      const program = requireSteps('compileSteps', given)
      return provider === 'wasm' ? compileLoop(program) : repeatSteps(await compile(program.graph), program)
    },
  }
}
