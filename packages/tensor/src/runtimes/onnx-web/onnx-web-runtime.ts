// Runs graphs on ONNX Runtime's WebAssembly kernels, or on WebGPU, in a page's worker. In Node the WebAssembly kernels
// run too.
import type * as Ort from 'onnxruntime-web/wasm'
import { checkOptions, kinds } from '../../errors.ts'
import type { TypedArray } from '../../ir/dtype.ts'
import type { Graph } from '../../ir/graph.ts'
import type { TensorType } from '../../ir/op.ts'
import { lowerGraph, lowerSteps, STEPS_INPUT } from '../../onnx/lower.ts'
import { simplify } from '../../passes/simplify.ts'
import { fedValueCheck } from '../check-fed-values.ts'
import { explainError } from '../explain-error.ts'
import { OpenSession } from '../open-session.ts'
import { repeatSteps } from '../repeat-steps.ts'
import {
  arraysCheck, programInputs, requireSteps, stepArraysCheck, type Executable, type Runtime, type StepExecutable,
  type StepProgram,
} from '../runtime.ts'

/** Settings of the web runtime. */
export interface OnnxWebOptions {
  /** `wasm` (the default) runs everywhere; `webgpu` needs an adapter. */
  readonly provider?: 'wasm' | 'webgpu'
  /** Threads of the WebAssembly kernels; default 1. More than one needs a page that is cross-origin isolated. */
  readonly threads?: number
  /**
   * Addresses of ONNX Runtime's own module (`ort-wasm-simd-threaded.mjs`) and binary (`.wasm`; the `asyncify` pair for
   * WebGPU), as a bundler gives them. Default: beside the package, which suits Node.
   */
  readonly assets?: { readonly mjs: string; readonly wasm: string }
}

type Backend = typeof Ort
type Feeds = Readonly<Record<string, Ort.Tensor>>

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

/** Throws what a user can read. */
const explained = (error: unknown): never => {
  throw explainError(error)
}

/** The array behind a result, which is the caller's to keep. */
const arrayOf = (tensor: Ort.Tensor | undefined): TypedArray => tensor?.data as TypedArray

/**
 * The runtime on WebAssembly or WebGPU. `run` on WebAssembly blocks the thread it is called on: train in a worker.
 * With WebAssembly several steps are one Loop inside the graph; WebGPU has no kernel for Loop and runs one step at a
 * time.
 */
export function onnxWebRuntime(options: OnnxWebOptions = {}): Runtime {
  const { provider = 'wasm' } = checkOptions('onnxWebRuntime', options, {
    provider: kinds.oneOf('wasm', 'webgpu'), threads: kinds.whole(1), assets: kinds.dictionary(kinds.text),
  })
  let loaded: Promise<Backend> | undefined
  const backend = () => (loaded ??= loadBackend(options))

  async function open(bytes: Uint8Array) {
    const ort = await backend()
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: 'basic',
      executionMode: 'sequential',
      logSeverityLevel: 4,
    }).catch(explained)
    const feed = (data: TypedArray, type: TensorType, leading: readonly number[] = []) =>
      new ort.Tensor(type.dtype, data as never, [...leading, ...type.shape])
    return { ort, session: new OpenSession<Feeds, never, Ort.InferenceSession.OnnxValueMapType>(session), feed }
  }

  async function compile(graph: Graph): Promise<Executable> {
    const { bytes, inputNames, outputNames } = lowerGraph(simplify(graph), provider)
    const { session, feed } = await open(bytes)
    const check = fedValueCheck(graph)
    const checkArrays = arraysCheck('run', graph.inputs)
    return {
      async run(inputs) {
        checkArrays(inputs)
        check(inputs)
        const feeds = Object.fromEntries(graph.inputs.map((leaf, i) => [
          inputNames[i] as string, feed(inputs[i] as TypedArray, leaf),
        ]))
        const results = await session.run(feeds)
        return outputNames.map(name => arrayOf(results[name]))
      },
      release: () => session.release(),
    }
  }

  async function compileLoop(program: StepProgram): Promise<StepExecutable> {
    const { graph, stateCount } = program
    const { bytes, inputNames, outputNames } = lowerSteps({ ...program, graph: simplify(graph) }, provider)
    const { ort, session, feed } = await open(bytes)
    const check = fedValueCheck(graph, programInputs(program).fresh)
    const checkArrays = stepArraysCheck(program)
    return {
      async run(state, nextState, fresh, steps, captured = []) {
        checkArrays(steps, { state, nextState, fresh, captured })
        check(fresh, steps)
        const given = [...state, ...fresh, ...captured]
        const stackedTo = graph.inputs.length - captured.length
        const feeds: Record<string,
        Ort.Tensor> = { [STEPS_INPUT]: new ort.Tensor('int64', BigInt64Array.of(BigInt(steps)), []) }
        graph.inputs.forEach((leaf, i) => {
          const leading = i >= stateCount && i < stackedTo ? [steps] : []
          feeds[inputNames[i] as string] = feed(given[i] as TypedArray, leaf, leading)
        })
        // Arrays given for outputs come back as zeros here: the returned tensors hold the results.
        const results = await session.run(feeds)
        const values = outputNames.map(name => arrayOf(results[name]))
        values.slice(0, stateCount).forEach((array, i) => nextState[i]?.set(array))
        return values.slice(stateCount)
      },
      release: () => session.release(),
    }
  }

  return {
    name: provider === 'webgpu' ? 'onnx-web (WebGPU)' : 'onnx-web (WASM)',
    compile,
    async compileSteps(program) {
      requireSteps('compileSteps', program)
      return provider === 'wasm' ? compileLoop(program) : repeatSteps(await compile(program.graph), program)
    },
  }
}
