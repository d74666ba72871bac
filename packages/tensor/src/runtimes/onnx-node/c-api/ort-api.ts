// ONNX Runtime's C API: the functions of it that are used, with errors as exceptions.
import type { Address, Argument, Koffi, NativeFunction } from './koffi.ts'

/** The version of the API that is asked for: the first that has all that is used here. */
const API_VERSION = 17

/** A result that is null, or the address of a status that must be released. */
const STATUS = 'void *'
/** An address that is given. */
const HANDLE = 'uintptr_t'

/**
 * Places in the table `OrtApi`, which only ever grows at its end, and what the functions there take
 * (onnxruntime_c_api.h).
 */
const FUNCTIONS = {
  getErrorMessage: [2, 'str', [HANDLE]],
  createEnv: [3, STATUS, ['int', 'str', 'void *']],
  disableTelemetryEvents: [6, STATUS, [HANDLE]],
  createSessionFromArray: [8, STATUS, [HANDLE, 'void *', 'size_t', HANDLE, 'void *']],
  run: [9, STATUS, [HANDLE, HANDLE, HANDLE, HANDLE, 'size_t', HANDLE, 'size_t', HANDLE]],
  createSessionOptions: [10, STATUS, ['void *']],
  disableMemPattern: [17, STATUS, [HANDLE]],
  setSessionLogSeverityLevel: [22, STATUS, [HANDLE, 'int']],
  setSessionGraphOptimizationLevel: [23, STATUS, [HANDLE, 'int']],
  setIntraOpNumThreads: [24, STATUS, [HANDLE, 'int']],
  setInterOpNumThreads: [25, STATUS, [HANDLE, 'int']],
  createTensorWithData: [49, STATUS, [HANDLE, HANDLE, 'size_t', HANDLE, 'size_t', 'int', HANDLE]],
  createCpuMemoryInfo: [69, STATUS, ['int', 'int', 'void *']],
  releaseStatus: [93, 'void', [HANDLE]],
  releaseSession: [95, 'void', [HANDLE]],
  releaseValue: [96, 'void', [HANDLE]],
  releaseSessionOptions: [100, 'void', [HANDLE]],
  addSessionConfigEntry: [130, STATUS, [HANDLE, 'str', 'str']],
} as const satisfies Record<string, readonly [number, string, readonly string[]]>

type FunctionName = keyof typeof FUNCTIONS

const WORD = 8
const SLOTS = 1 + Math.max(...Object.values(FUNCTIONS).map(([place]) => place))
const LEVEL_BASIC = 1
/** Severity `fatal`: every error is thrown; it need not be printed as well. */
const SILENT = 4
const DEVICE_ALLOCATOR = 0
const DEFAULT_MEMORY = 0

/** An array that lies outside the collected heap whatever its size. */
export const fixedWords = (count: number): BigUint64Array<ArrayBuffer> =>
  new BigUint64Array(new ArrayBuffer(WORD * Math.max(count, 1)), 0, count)

/** The C API of one library, in this thread. */
export class OrtApi {
  readonly koffi: Koffi
  /** The version of the library. */
  readonly version: string
  readonly #functions: Readonly<Record<FunctionName, NativeFunction>>
  readonly #env: Address
  readonly #memory: Address
  /** Where functions write the address of what they make. */
  readonly #made = fixedWords(1)
  readonly #madeAt: Address

  /** @throws Error where the library does not load, or has no such API */
  constructor(koffi: Koffi, file: string) {
    this.koffi = koffi
    const base = koffi.load(file).func('void *OrtGetApiBase()')() as Address
    keepLoaded(koffi, file)
    const [getApi = 0n, getVersion = 0n] = new BigUint64Array(koffi.view(base, 2 * WORD))
    this.version = koffi.decode(getVersion, koffi.proto(null, 'str', []))() as string
    const table = koffi.decode(getApi, koffi.proto(null, 'void *', ['uint32_t']))(API_VERSION) as Address | null
    if (table === null) throw new Error(`ONNX Runtime ${this.version} has no version ${API_VERSION} of its C API`)
    const addresses = new BigUint64Array(koffi.view(table, WORD * SLOTS))
    this.#functions = Object.fromEntries(Object.entries(FUNCTIONS).map(([name, [place, result, parameters]]) =>
      [name, koffi.decode(addresses[place] ?? 0n, koffi.proto(null, result, parameters))],
    )) as Record<FunctionName, NativeFunction>
    this.#madeAt = koffi.address(this.#made)
    // One environment a process, however often it is asked for; it is never given back.
    this.#env = this.#make('createEnv', SILENT, 'ddlf')
    this.#call('disableTelemetryEvents', this.#env)
    this.#memory = this.#make('createCpuMemoryInfo', DEVICE_ALLOCATOR, DEFAULT_MEMORY)
  }

  /** Compiles a model. The bytes are copied. */
  createSession(bytes: Uint8Array, threads: number): Address {
    const options = this.#make('createSessionOptions')
    try {
      // As the binding's sessions are made: see `createSession` in onnx-node-runtime.ts for the reasons.
      this.#call('disableMemPattern', options)
      this.#call('setSessionGraphOptimizationLevel', options, LEVEL_BASIC)
      this.#call('setSessionLogSeverityLevel', options, SILENT)
      this.#call('setIntraOpNumThreads', options, threads)
      this.#call('setInterOpNumThreads', options, 1)
      this.#call('addSessionConfigEntry', options, 'session.force_spinning_stop', '1')
      return this.#make('createSessionFromArray', this.#env, bytes, bytes.byteLength, options)
    } finally {
      this.#functions.releaseSessionOptions(options)
    }
  }

  /**
   * A tensor over memory of somebody else, which must outlive every run that reads or writes it.
   * @param shape where its sizes lie, as 64-bit integers
   * @param type ONNX's number of the element type
   */
  createTensor(data: Address, bytes: number, shape: Address, rank: number, type: number): Address {
    this.#check(this.#functions.createTensorWithData(this.#memory, data, bytes, shape, rank, type, this.#madeAt))
    return this.#made[0] as Address
  }

  /** Runs a session. All lists are addresses: of names, and of the addresses of tensors. */
  run(
    session: Address, inputNames: Address, inputs: Address, inputCount: number,
    outputNames: Address, outputs: Address, outputCount: number,
  ): void {
    this.#check(this.#functions.run(
      session, 0n, inputNames, inputs, inputCount, outputNames, outputCount, outputs,
    ))
  }

  releaseSession(session: Address): void {
    this.#functions.releaseSession(session)
  }

  releaseTensor(tensor: Address): void {
    this.#functions.releaseValue(tensor)
  }

  #call(name: FunctionName, ...args: readonly Argument[]): void {
    this.#check(this.#functions[name](...args))
  }

  /** Calls a function whose last parameter receives what it makes. */
  #make(name: FunctionName, ...args: readonly Argument[]): Address {
    const made = fixedWords(1)
    this.#check(this.#functions[name](...args, made))
    return made[0] as Address
  }

  #check(status: unknown): void {
    if (status === null) return
    const message = this.#functions.getErrorMessage(status as Address) as string
    this.#functions.releaseStatus(status as Address)
    throw new Error(message)
  }
}

/**
 * Keeps a library in the process until its end. koffi closes what a thread has opened when the thread ends, and threads
 * of sessions that are still open would then run code that is no longer there.
 */
function keepLoaded(koffi: Koffi, file: string): void {
  if (process.platform === 'win32') {
    const PIN = 1
    const pin = koffi.load('kernel32.dll')
      .func('int __stdcall GetModuleHandleExW(uint32_t flags, const char16_t *file, void *out)')
    if (pin(PIN, file, fixedWords(1)) === 0) throw new Error(`${file} cannot be kept loaded`)
    return
  }
  const RTLD_NOW = 2
  const RTLD_NODELETE = process.platform === 'darwin' ? 0x80 : 0x1000
  const handle = koffi.load(null).func('void *dlopen(const char *file, int flags)')(file, RTLD_NOW | RTLD_NODELETE)
  if (handle === null) throw new Error(`${file} cannot be loaded`)
}
