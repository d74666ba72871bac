// Runs graphs on ONNX Runtime's native kernels in Node.
import { checkOptions, kinds } from '../../errors.ts'
import { availableParallelism } from 'node:os'
import * as ort from './onnx-runtime.ts'
import type { TypedArray } from '../../ir/dtype.ts'
import { requireGraph, type Graph } from '../../ir/graph.ts'
import type { TensorType } from '../../ir/op.ts'
import { lowerGraph, lowerSteps, STEPS_INPUT, type OnnxModel } from '../../onnx/lower.ts'
import { decompose } from '../../passes/decompose.ts'
import { foldAffine } from '../../passes/fold-affine.ts'
import { simplify } from '../../passes/simplify.ts'
import { fedValueCheck } from '../check-fed-values.ts'
import { DirectStepExecutable, directExecutable } from './c-api/direct-executables.ts'
import { findApi, type NativeInterface } from './c-api/find-api.ts'
import { channelBlock } from './channel-block.ts'
import { explainError } from '../explain-error.ts'
import { OpenSession } from '../open-session.ts'
import { repeatSteps } from '../repeat-steps.ts'
import {
  arraysCheck, programInputs, requireSteps, stepArraysCheck, type Executable, type Runtime, type StepExecutable,
  type StepProgram,
} from '../runtime.ts'

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

/** More are never faster, and a machine may have no memory for their stacks. */
const MOST_THREADS = 1024

const feed = (data: TypedArray, type: TensorType, leading: readonly number[] = []): ort.Tensor =>
  new ort.Tensor(type.dtype, data as never, [...leading, ...type.shape])

type Feeds = Readonly<Record<string, ort.Tensor>>
/** Names of outputs, or tensors that they are written into. */
type Fetches = readonly string[] | Readonly<Record<string, ort.Tensor | null>>
type Session = OpenSession<Feeds, Fetches, ort.InferenceSession.OnnxValueMapType>

/** Throws what a user can read. */
const explained = (error: unknown): never => {
  throw explainError(error)
}

/** The array behind a result; ONNX Runtime hands bool over as Uint8Array. */
const arrayOf = (tensor: ort.Tensor | undefined): TypedArray => tensor?.data as TypedArray

async function createSession(
  bytes: Uint8Array, threads: number, provider: 'cpu' | 'webgpu',
): Promise<Session> {
  const session = await ort.InferenceSession.create(bytes, {
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
  }).catch(explained)
  return new OpenSession(session)
}

class OnnxStepExecutable implements StepExecutable {
  readonly #session: Session
  readonly #program: StepProgram
  readonly #checkArrays: ReturnType<typeof stepArraysCheck>
  readonly #check: (fresh: readonly TypedArray[], steps: number) => void
  readonly #names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] }

  constructor(
    session: Session, program: StepProgram, check: (fresh: readonly TypedArray[], steps: number) => void,
    inputs: readonly string[], outputs: readonly string[],
  ) {
    this.#session = session
    this.#checkArrays = stepArraysCheck(program)
    this.#check = check
    this.#program = program
    this.#names = { inputs, outputs }
  }

  async run(
    state: readonly TypedArray[], nextState: readonly TypedArray[], fresh: readonly TypedArray[], steps: number,
    captured: readonly TypedArray[] = [],
  ): Promise<TypedArray[]> {
    this.#checkArrays(steps, { state, nextState, fresh, captured })
    this.#check(fresh, steps)
    const { graph, stateCount } = this.#program
    const given = [...state, ...fresh, ...captured]
    const stackedTo = graph.inputs.length - captured.length
    const feeds: Record<string,
    ort.Tensor> = { [STEPS_INPUT]: new ort.Tensor('int64', BigInt64Array.of(BigInt(steps)), []) }
    const fetches: Record<string, ort.Tensor | null> = {}
    graph.inputs.forEach((leaf, i) => {
      const name = this.#names.inputs[i] as string
      feeds[name] = feed(given[i] as TypedArray, leaf, i >= stateCount && i < stackedTo ? [steps] : [])
    })
    // The next state is written into the caller's arrays: never the ones it is read from, which silently gives wrong
    // numbers.
    graph.outputs.forEach((output, i) => {
      fetches[this.#names.outputs[i] as string] = i < stateCount ? feed(nextState[i] as TypedArray, output) : null
    })
    const results = await this.#session.run(feeds, fetches)
    return graph.outputs.slice(stateCount)
      .map((_, i) => arrayOf(results[this.#names.outputs[stateCount + i] as string]))
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** A graph that runs through the binding. */
function bindingExecutable(
  graph: Graph, { inputNames, outputNames }: OnnxModel, session: Session,
  check: (fed: readonly TypedArray[]) => void,
): Executable {
  const checkArrays = arraysCheck('run', graph.inputs)
  return {
    async run(inputs) {
      checkArrays(inputs)
      check(inputs)
      const feeds = Object.fromEntries(graph.inputs.map((leaf, i) => [
        inputNames[i] as string, feed(inputs[i] as TypedArray, leaf),
      ]))
      const results = await session.run(feeds, outputNames)
      return outputNames.map(name => arrayOf(results[name]))
    },
    release: () => session.release(),
  }
}

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
    threads: kinds.whole(1, MOST_THREADS), blockedLayout: kinds.flag, provider: kinds.oneOf('cpu', 'webgpu'),
    interface: kinds.oneOf('c-api', 'binding'),
  })
  const found = provider === 'cpu' ? findApi(wanted) : undefined
  const api = found && 'api' in found ? found.api : undefined
  const loweringOptions = async () => ({ channelBlock: blockedLayout && provider === 'cpu' ? await channelBlock() : 0 })
  const compile = async (graph: Graph): Promise<Executable> => {
    const model = lowerGraph(prepare(requireGraph('compile', graph)), provider, await loweringOptions())
    const check = fedValueCheck(graph)
    return api ? directExecutable(graph, { api, model, threads, check })
      : bindingExecutable(graph, model, await createSession(model.bytes, threads, provider), check)
  }
  return {
    name: provider === 'cpu' ? 'onnx-node' : 'onnx-node (WebGPU)',
    compile,
    async compileSteps(program) {
      requireSteps('compileSteps', program)
      // WebGPU has no Loop.
      if (provider === 'webgpu') return repeatSteps(await compile(program.graph), program)
      const simplified = { ...program, graph: prepare(program.graph) }
      const check = fedValueCheck(program.graph, programInputs(program).fresh)
      if (api) {
        const model = lowerGraph(simplified.graph, 'cpu', await loweringOptions())
        return new DirectStepExecutable(simplified, { api, model, threads, check })
      }
      const { bytes, inputNames, outputNames } = lowerSteps(simplified, 'cpu', await loweringOptions())
      const session = await createSession(bytes, threads, provider)
      return new OnnxStepExecutable(session, simplified, check, inputNames, outputNames)
    },
  }
}
