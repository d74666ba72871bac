// What every runtime keeps to, run on the reference and on both ways of calling ONNX Runtime: its C API, its binding.
import { describe, expect, it } from 'vitest'
import {
  add, cond, div, gather, graph, input, mul, parameter, sub, sum, tensor, UserError,
  type StepProgram, type Tensor, type TypedArray,
} from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { nodeRuntimes } from './node-runtimes.ts'


/** Gradient descent on |w - x|^2 for a weight, and a counter: state, then fresh values, then what is captured. */
function descent(): StepProgram {
  const w = parameter(new Float32Array(3), [3])
  const count = input('count', { shape: [1], dtype: 'int32' })
  const x = input('x', { shape: [3], dtype: 'float32' })
  const rate = input('rate', { shape: [], dtype: 'float32' })
  const difference = sub(w, x)
  const outputs = [sub(w, mul(difference, rate)), add(count, 1), sum(mul(difference, difference)), count]
  return { graph: graph('descent', [w, count, x, rate], outputs), stateCount: 2, capturedCount: 1 }
}

/** The kind of error a promise ends with, and what it says; `done` where it ends well. */
const endOf = (promise: Promise<unknown>): Promise<string> => promise.then(
  () => 'done', (error: unknown) => `${error instanceof UserError ? 'refused' : 'failed'}: ${(error as Error).message}`,
)

describe.each(nodeRuntimes.slice(1))('%s', (_, runtime) => {
  it('lets timers and messages in, however many runs follow one another', async () => {
    const x = input('x', { shape: [], dtype: 'float32' })
    const executable = await runtime.compile(graph('next', [x], [add(x, 1)]))
    const steps = await runtime.compileSteps(descent())
    const state = [new Float32Array(3), new Int32Array(1)]
    const next = [new Float32Array(3), new Int32Array(1)]
    const runs = [
      () => executable.run([Float32Array.of(1)]),
      () => steps.run(state, next, [new Float32Array(3)], 1, [Float32Array.of(1)]),
    ]
    for (const run of runs) {
      const timer = { rang: false }
      setTimeout(() => (timer.rang = true), 1)
      const isSilent = () => !timer.rang
      // A bound against hanging only.
      const until = performance.now() + 10_000
      while (isSilent() && performance.now() < until) await run()
      expect(isSilent()).toBe(false)
    }
    await executable.release()
    await steps.release()
  })
})

describe.each(nodeRuntimes)('%s', (_, runtime) => {
  it('runs a graph: an input as an output, one output twice, nothing, all dtypes', async () => {
    const x = input('x', { shape: [2], dtype: 'float32' })
    const bytes = input('bytes', { shape: [2], dtype: 'uint8' })
    const flags = input('flags', { shape: [2], dtype: 'bool' })
    const empty = input('empty', { shape: [0, 3], dtype: 'float32' })
    const twice = add(x, x)
    const outputs = [x, twice, twice, bytes, flags, empty, add(empty, 1), sum(empty), tensor([4, 5])]
    const executable = await runtime.compile(graph('all', [x, bytes, flags, empty], outputs))
    const given = [Float32Array.of(1, 2), Uint8Array.of(3, 255), Uint8Array.of(0, 1), new Float32Array(0)]
    const expected = [[1, 2], [2, 4], [2, 4], [3, 255], [0, 1], [], [], [0], [4, 5]]
    for (let run = 0; run < 2; run++) {
      const results = await executable.run(given)
      expect(results.map(array => [...array])).toEqual(expected)
      // The caller's to keep: no array of an input or of another run.
      results[0]!.fill(9)
    }
    expect([...given[0]!]).toEqual([1, 2])
    await executable.release()
  })

  it('takes the same steps however they are divided, from the state that is given and into the next', async () => {
    const executable = await runtime.compileSteps(descent())
    const rate = [Float32Array.of(0.25)]
    const values = Float32Array.from({ length: 18 }, (_, i) => Math.sin(i))
    const take = async (parts: readonly number[]) => {
      let state: TypedArray[] = [Float32Array.of(1, -2, 3), Int32Array.of(7)]
      let next: TypedArray[] = [new Float32Array(3), new Int32Array(1)]
      const told: number[][] = [[], []]
      let from = 0
      for (const steps of parts) {
        const before = state.map(array => [...array])
        const results = await executable.run(state, next, [values.subarray(3 * from, 3 * (from + steps))], steps, rate)
        results.forEach((array, i) => told[i]!.push(...array))
        expect(state.map(array => [...array])).toEqual(before)
        ;[state, next] = [next, state]
        from += steps
      }
      return { state: state.map(array => [...array]), told }
    }
    const whole = await take([6])
    expect(whole.told[1]).toEqual([7, 8, 9, 10, 11, 12])
    expect(whole.state[1]).toEqual([13])
    // w' = w - (w - x) / 4 from 1 with x = sin 0, and the squares of (1, -2, 3) - (sin 0, sin 1, sin 2).
    expect(whole.told[0]![0]).toBeCloseTo(1 + (2 + Math.sin(1)) ** 2 + (3 - Math.sin(2)) ** 2, 4)
    for (const parts of [[1, 1, 1, 1, 1, 1], [2, 4], [0, 3, 0, 3], [5, 1]]) expect(await take(parts)).toEqual(whole)
    await executable.release()
  })

  it('refuses arrays that do not fit before anything runs', async () => {
    const executable = await runtime.compileSteps(descent())
    const state = [Float32Array.of(1, 2, 3), Int32Array.of(0)]
    const next = [new Float32Array(3), new Int32Array(1)]
    const x = [new Float32Array(6)]
    const rate = [Float32Array.of(1)]
    const detached = new Float32Array(3)
    structuredClone(detached, { transfer: [detached.buffer] })
    const wrong: [string, Promise<unknown>, RegExp][] = [
      ['a state that is too short', executable.run([new Float32Array(2), state[1]!], next, x, 2, rate),
        /3 elements[^]*Next: Give a Float32Array of length 3/],
      ['another element type', executable.run([new Int32Array(3), state[1]!], next, x, 2, rate), /float32\[3\]/],
      ['too few arrays', executable.run(state.slice(1), next, x, 2, rate), /a list of 2/],
      ['no list', executable.run(null as never, next, x, 2, rate), /a list of 2/],
      ['a next state too short', executable.run(state, [new Float32Array(3), new Int32Array(0)], x, 2, rate), /1 elem/],
      ['fresh values of too few steps', executable.run(state, next, x, 3, rate), /9 elements/],
      ['nothing captured', executable.run(state, next, x, 2), /a list of 1/],
      ['a number of steps that is none', executable.run(state, next, x, 1.5, rate), /whole number/],
      ['an array that was sent away', executable.run([detached, state[1]!], next, x, 2, rate), /3 elements/],
      ['one array for both states', executable.run(state, [state[0]!, next[1]!], x, 2, rate), /different arrays/],
    ]
    for (const [what, run, message] of wrong) {
      const end = await endOf(run)
      expect(end, what).toMatch(/^refused/)
      expect(end, what).toMatch(message)
    }
    expect(next.map(array => [...array])).toEqual([[0, 0, 0], [0]])
    await executable.release()
  })

  it('refuses a next state in the memory of anything else, also after runs with arrays of their own', async () => {
    const executable = await runtime.compileSteps(descent())
    const memory = new ArrayBuffer(256)
    const floats = (at: number, length = 3) => new Float32Array(memory, 4 * at, length)
    const count = (at: number) => new Int32Array(memory, 4 * at, 1)
    const state = [floats(0), count(3)]
    const next = [floats(4), count(7)]
    const rate = [floats(20, 1)]
    const x = [floats(24)]
    for (let run = 0; run < 3; run++) {
      await executable.run(state, next, x, 1, rate)
      await executable.run(next, state, x, 1, rate)
    }
    const before = [...new Uint8Array(memory)]
    const shared: [string, Promise<unknown>][] = [
      ['the same elements', executable.run(state, [floats(0), next[1]!], x, 1, rate)],
      ['one element', executable.run(state, [floats(2), next[1]!], x, 1, rate)],
      ['another place of the state', executable.run(state, [next[0]!, count(1)], x, 1, rate)],
      ['another place of the next state', executable.run(state, [floats(5), count(7)], x, 1, rate)],
      ['fresh values', executable.run(state, [floats(24), next[1]!], x, 1, rate)],
      ['fresh values of another run', executable.run(state, next, [floats(6)], 1, rate)],
      ['captured values', executable.run(state, next, x, 1, [floats(4, 1)])],
    ]
    for (const [what, run] of shared) expect(await endOf(run), what).toMatch(/^refused.*share no memory/)
    expect([...new Uint8Array(memory)]).toEqual(before)
    await executable.release()
  })

  it('says which index does not fit, that an integer is divided by 0, and runs on', async () => {
    const at = input('at', { shape: [2], dtype: 'int32' })
    const by = input('by', { shape: [], dtype: 'int32' })
    const rows = gather(tensor([[1, 2], [3, 4]]), add(at, 0))
    const executable = await runtime.compile(graph('g', [at, by], [rows, div(at, by)]))
    const one = Int32Array.of(1)
    expect(await endOf(executable.run([Int32Array.of(0, 2), one]))).toMatch(/refused: .*from -2 to 1/)
    expect(await endOf(executable.run([Int32Array.of(0, 1), Int32Array.of(0)]))).toMatch(/refused: .*divided by 0/)
    expect((await executable.run([Int32Array.of(1, 0), one])).map(array => [...array])).toEqual([[3, 4, 1, 2], [1, 0]])
    await executable.release()
  })

  it('runs branches', async () => {
    const x = input('x', { shape: [2], dtype: 'float32' })
    const outputs = cond(sum(x).greater(0), () => [mul(x, 2)], () => [mul(x, -1)])
    const executable = await runtime.compile(graph('branches', [x], outputs))
    expect([...(await executable.run([Float32Array.of(1, 2)]))[0]!]).toEqual([2, 4])
    expect([...(await executable.run([Float32Array.of(-1, -2)]))[0]!]).toEqual([1, 2])
    await executable.release()
  })
})

describe.each(nodeRuntimes)('%s', (_, runtime) => {
  it('refuses memory that other threads can write, in every place', async () => {
    const shared = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length))
    const x = input('x', { shape: [3], dtype: 'float32' })
    const once = await runtime.compile(graph('once', [x], [add(x, 1)]))
    const steps = await runtime.compileSteps(descent())
    const count = () => Int32Array.of(0)
    const own = () => new Float32Array(3)
    const rate = [Float32Array.of(1)]
    const hidden = Object.defineProperty(shared(3), 'buffer', { value: new ArrayBuffer(12) })
    const runs = [
      once.run([shared(3)]), once.run([hidden]), steps.run([shared(3), count()], [own(), count()], [own()], 1, rate),
      steps.run([own(), count()], [shared(3), count()], [own()], 1, rate),
      steps.run([own(), count()], [own(), count()], [shared(3)], 1, rate),
      steps.run([own(), count()], [own(), count()], [own()], 1, [shared(1)]),
    ]
    for (const run of runs) expect(await endOf(run)).toMatch(/^refused: .*for itself[^]*SharedArrayBuffer[^]*slice/)
    await once.release()
    await steps.release()
  })

  it('refuses what only looks like an array, and numbers that are no truth values', async () => {
    const x = input('x', { shape: [3], dtype: 'float32' })
    const flags = input('flags', { shape: [3], dtype: 'bool' })
    const executable = await runtime.compile(graph('g', [x, flags], [add(x, 1), flags]))
    const real = new Float32Array(3)
    const flagged = new Uint8Array(3)
    for (const array of [new Proxy(real, {}), Object.create(real) as TypedArray, new DataView(new ArrayBuffer(12))]) {
      expect(await endOf(executable.run([array as TypedArray, flagged]))).toMatch(/^refused: .*3 elements/)
    }
    expect(await endOf(executable.run([real, Uint8Array.of(0, 1, 2)]))).toMatch(/^refused: .*0 or 1[^]*2 at 2/)
    await executable.release()
  })

  it('believes of an array what the engine knows, not what its properties say', async () => {
    const at = input('at', { shape: [2], dtype: 'int32' })
    const flags = input('flags', { shape: [2], dtype: 'bool' })
    const rows = gather(tensor([[1, 2], [3, 4]]), at)
    const executable = await runtime.compile(graph('g', [at, flags], [rows, flags]))
    const saying = <T extends TypedArray>(array: T, name: string, value: number) =>
      Object.defineProperty(array, name, { value })
    const [place, flag] = [Int32Array.of(1, 0), Uint8Array.of(0, 1)]
    expect(await endOf(executable.run([saying(Int32Array.of(0, 2), 'length', 0), flag])))
      .toMatch(/^refused: .*from -2 to 1[^]*Received: 2/)
    expect(await endOf(executable.run([place, saying(Uint8Array.of(0, 2), 'length', 0)])))
      .toMatch(/^refused: .*0 or 1[^]*2 at 1/)
    const bytes = Object.setPrototypeOf(new Uint8Array(2), Int32Array.prototype) as Int32Array
    expect(await endOf(executable.run([bytes, flag])))
      .toMatch(/^refused: .*2 elements of int32/)
    await executable.release()
    const steps = await runtime.compileSteps(descent())
    const memory = new ArrayBuffer(20)
    const state = [new Float32Array(memory, 0, 3), Int32Array.of(0)]
    const next = [saying(new Float32Array(memory, 8, 3), 'byteOffset', 12), Int32Array.of(0)]
    expect(await endOf(steps.run(state, next, [new Float32Array(3)], 1, [Float32Array.of(1)])))
      .toMatch(/^refused.*share no memory/)
    await steps.release()
  })

  it('reads each list once: what it says later counts for nothing', async () => {
    const at = input('at', { shape: [2], dtype: 'int32' })
    const executable = await runtime.compile(graph('g', [at], [gather(tensor([[1, 2], [3, 4]]), at)]))
    let reads = 0
    const list = Object.defineProperty([] as TypedArray[], 0, {
      get: () => (++reads > 1 ? Int32Array.of(0, 9) : Int32Array.of(1, 0)),
    })
    expect((await executable.run(list)).map(array => [...array])).toEqual([[3, 4, 1, 2]])
    expect(reads).toBe(1)
    await executable.release()
  })

  it('refuses runs after the release, which may come twice', async () => {
    const x = input('x', { shape: [1], dtype: 'float32' })
    const once = await runtime.compile(graph('once', [x], [add(x, 1)]))
    const waiting = [1, 2, 3].map(() => endOf(once.run([Float32Array.of(1)])))
    await once.release()
    await once.release()
    // What was asked for before may have come to its end.
    for (const end of await Promise.all(waiting)) expect(end).toMatch(/^done$|^refused: .*until it is released/)
    expect(await endOf(once.run([Float32Array.of(1)]))).toMatch(/^refused: .*until it is released/)
    const steps = await runtime.compileSteps(descent())
    await steps.release()
    await steps.release()
  })
})

it('graphs that no runtime could run are refused when they are made', async () => {
  const x = input('x', { shape: [], dtype: 'float32' })
  expect(() => graph('none', [x], [])).toThrow(/has no outputs/)
  expect(() => graph('twice', [x, x], [add(x, 1)])).toThrow(/an input twice/)
  expect(() => input('huge', { shape: [2 ** 20, 2 ** 20, 0], dtype: 'float32' })).toThrow(/span at most/)
  const nested = (depth: number): Tensor =>
    depth === 0 ? add(x, 1) : cond(x.greater(-depth), () => [nested(depth - 1)], () => [mul(x, depth)])[0]
  expect(() => graph('deep', [x], [nested(25)])).toThrow(/more than 24 deep/)
  const deep = { graph: graph('deep', [x], [nested(24)]), stateCount: 1 }
  for (const [name, runtime] of nodeRuntimes) {
    const executable = await runtime.compileSteps(deep)
    const next = [new Float32Array(1)]
    await executable.run([new Float32Array(1)], next, [], 1)
    expect([...next[0] as TypedArray], name).toEqual([1])
    await executable.release()
  }
  for (const make of [onnxNodeRuntime, onnxWebRuntime]) {
    expect(() => make({ threads: 2 ** 31 })).toThrow(/threads must be a whole number from 1 to 1024/)
  }
})
