// ONNX Runtime's C API beside its binding: the same bits, nothing left behind, no crash; and which of both is used.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compiled } from '../../../test/compiled.ts'
import {
  add, differentiate, graph, input, mul, parameter, registeredOps, sum, Tensor, tensor,
  type Graph, type TypedArray,
} from '../src/index.ts'
import { availableRuntimes, onnxNodeRuntime } from '../src/node.ts'
import { findApi, loadApi } from '../src/runtimes/onnx-node/c-api/find-api.ts'
import { koffiPackage } from '../src/runtimes/onnx-node/c-api/koffi.ts'
import { libraryWithin } from '../src/runtimes/onnx-node/c-api/library-file.ts'
import { nativeHoldings } from '../src/runtimes/onnx-node/c-api/native-session.ts'
import { OrtApi } from '../src/runtimes/onnx-node/c-api/ort-api.ts'
import { cotangent, opCases, type OpCase } from './op-cases.ts'

const direct = onnxNodeRuntime({ threads: 1, interface: 'c-api' })
const binding = onnxNodeRuntime({ threads: 1, interface: 'binding' })

/** A sample of an op and its gradients as one graph. */
function sampleGraph({ op, inputs, attributes }: OpCase): Graph {
  const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
  const outputs = Tensor.applyAll(op, leaves, attributes)
  const [first] = outputs
  if (typeof op.gradient !== 'function' || outputs.length > 1 || first?.dtype !== 'float32') {
    return graph(op.name, leaves, outputs)
  }
  const reached = op.gradient({
    inputs: leaves, outputs, gradients: [first], wanted: leaves.map(() => true), attributes, regions: [],
  })
  const wanted = leaves.filter((leaf, i) => leaf.dtype === 'float32' && reached[i] instanceof Tensor)
  const loss = sum(mul(first, tensor(cotangent(first.size), { shape: first.shape })))
  return graph(op.name, leaves, [first, ...differentiate(loss, wanted)])
}

const bits = (arrays: readonly TypedArray[]) =>
  arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('hex'))

describe('the C API', () => {
  it('computes every op and its gradients bit for bit as the binding does', async () => {
    expect(registeredOps().size).toBeGreaterThan(80)
    for (const testCase of opCases().filter(({ index }) => index === 0)) {
      const sample = sampleGraph(testCase)
      const given = testCase.inputs.map(({ data }) => data)
      const results = []
      for (const runtime of [direct, binding]) {
        const executable = await runtime.compile(sample)
        results.push(bits(await executable.run(given)))
        await executable.release()
      }
      expect(results[0], `${testCase.op.name} ${testCase.index}`).toEqual(results[1])
    }
  })

  // Small arrays begin inside the heap that is collected and compacted, large ones do not.
  it.each([3, 9999])('keeps arrays of %i elements where they are while it knows them', async size => {
    const x = input('x', { shape: [size], dtype: 'float32' })
    const executable = await direct.compile(graph('g', [x], [add(x, 1)]))
    const arrays = Array.from({ length: 100 }, (_, i) => new Float32Array(size).fill(i))
    for (let round = 0; round < 3; round++) {
      collectGarbage()
      for (const [i, array] of arrays.entries()) expect((await executable.run([array]))[0]![1]).toBe(i + 1)
    }
    await executable.release()
  })

  it('cannot be made to read beyond an array by what an array says of itself', async () => {
    const x = input('x', { shape: [1000], dtype: 'float32' })
    const executable = await direct.compile(graph('g', [x], [sum(x)]))
    const long = Object.defineProperty(new Float32Array(2), 'length', { value: 1000 })
    const none = Object.create(Float32Array.prototype, { length: { value: 1000 } }) as Float32Array
    const sent = new Float32Array(1000).fill(1)
    expect((await executable.run([sent]))[0]![0]).toBe(1000)
    structuredClone(sent, { transfer: [sent.buffer] })
    Object.defineProperty(sent, 'length', { value: 1000 })
    for (const array of [long, none, sent]) await expect(executable.run([array])).rejects.toThrow(Error)
    await executable.release()
  })

  it('refuses a run after the release, and takes a second release for the first', async () => {
    const executable = await direct.compile(graph('g', [], [add(tensor([1]), 1)]))
    await executable.release()
    await executable.release()
    await expect(executable.run([])).rejects.toThrow(/released/)
  })

  it('makes nothing more in native code after the release, whatever is run', async () => {
    const x = input('x', { shape: [3], dtype: 'float32' })
    const [once, steps] = [
      await direct.compile(graph('g', [x], [add(x, 1)])),
      await direct.compileSteps({ graph: graph('g', [x], [add(x, 1)]), stateCount: 1 }),
    ]
    await once.run([new Float32Array(3)])
    await Promise.all([once.release(), steps.release()])
    const made = vi.spyOn(OrtApi.prototype, 'createTensor')
    await expect(once.run([new Float32Array(3)])).rejects.toThrow(/released/)
    await expect(steps.run([new Float32Array(3)], [new Float32Array(3)], [], 1)).rejects.toThrow(/released/)
    expect(made).not.toHaveBeenCalled()
    made.mockRestore()
  })
})

/** Runs V8's garbage collector. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

describe('what native code holds', () => {
  const state = () => [new Float32Array(4096), new Float32Array(4)]
  const program = (name: string) => {
    const [w, b] = [parameter(new Float32Array(4096), [64, 64]), parameter(new Float32Array(4), [4])]
    const x = input('x', { shape: [64, 64], dtype: 'float32' })
    return { graph: graph(name, [w, b, x], [add(w, x), add(b, 1), sum(mul(w, x))]), stateCount: 2 }
  }

  it('is what is in use: 1,000 sessions made, run and released leave nothing', { timeout: 300_000 }, async () => {
    const before = nativeHoldings()
    const small = program('small')
    const use = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const executable = await direct.compileSteps(small)
        await executable.run(state(), state(), [new Float32Array(2 * 4096)], 2)
        expect(nativeHoldings().sessions).toBe(before.sessions + 1)
        await executable.release()
      }
      collectGarbage()
      return process.memoryUsage().rss
    }
    const settled = await use(200)
    // A session that is not given back keeps at least its arena, some 100 kB.
    expect((await use(800)) - settled).toBeLessThan(30e6)
    expect(nativeHoldings()).toEqual(before)
  })

  it('does not grow with runs on other arrays', async () => {
    const before = nativeHoldings().tensors
    const executable = await direct.compileSteps(program('p'))
    const counts = new Set<number>()
    for (let i = 0; i < 20; i++) {
      await executable.run(state(), state(), [new Float32Array(3 * 4096)], 3)
      counts.add(nativeHoldings().tensors)
    }
    // Three states are remembered, of two arrays each.
    expect(Math.max(...counts) - before).toBeLessThanOrEqual(6)
    await executable.release()
  })

  it('is given back when what was compiled is forgotten', async () => {
    const before = nativeHoldings().sessions
    const use = async () => {
      const held = await Promise.all([0, 1, 2, 3, 4].map(i => direct.compile(graph('g', [], [add(tensor([i]), 1)]))))
      for (const executable of held) await executable.run([])
      expect(nativeHoldings().sessions).toBe(before + held.length)
    }
    await use()
    await vi.waitFor(() => {
      collectGarbage()
      expect(nativeHoldings().sessions).toBe(before)
    }, 10_000)
  })
})

it('runs in several threads at once, and outlives threads and a process that end with sessions open', {
  timeout: 300_000,
}, () => {
  const program = fileURLToPath(compiled(new URL('./c-api-threads.ts', import.meta.url)))
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
  expect({ status, signal, stdout, stderr })
    .toEqual({ status: 0, signal: null, stdout: '4950 4950 4950\n', stderr: '' })
})

describe('which of both is used', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it.each([
    ['linux', 'x64', 'bin/napi-v6/linux/x64/libonnxruntime.so.1'],
    ['linux', 'arm64', 'bin/napi-v6/linux/arm64/libonnxruntime.so.1'],
    ['darwin', 'arm64', 'bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib'],
    ['win32', 'x64', 'bin/napi-v6/win32/x64/onnxruntime.dll'],
    ['freebsd', 'x64', undefined],
  ])('the library of %s on %s is %s', (platform, arch, file) => {
    expect(libraryWithin(platform, arch)?.join('/')).toBe(file)
    expect(koffiPackage(platform, arch)).toBe(`@koromix/koffi-${platform}-${arch}`)
  })

  it('the C API by itself, the binding where the variable or the option says so; both are reported', async () => {
    const said = async () => (await availableRuntimes()).find(({ name }) => name === 'onnx-node')
    expect('api' in findApi()).toBe(process.platform === 'linux')
    if ('api' in findApi()) expect(await said()).toMatchObject({
      works: true, detail: expect.stringMatching(/called through its C API \(koffi 3\./) as string,
    })
    vi.stubEnv('DDLF_ONNX_INTERFACE', 'binding')
    expect(await said()).toMatchObject({
      works: true, detail: expect.stringMatching(/called through its binding, .*asked for/) as string,
    })
    expect(findApi()).toEqual({ missing: 'the binding is asked for' })
    vi.stubEnv('DDLF_ONNX_INTERFACE', 'c-api')
    expect(findApi('binding')).toEqual({ missing: 'the binding is asked for' })
    expect(findApi()).toEqual(loadApi())
    vi.stubEnv('DDLF_ONNX_INTERFACE', 'fast')
    expect(() => onnxNodeRuntime()).toThrow(/DDLF_ONNX_INTERFACE must be[^]*Received: fast/)
    expect(await said()).toEqual({
      name: 'onnx-node', works: false, detail: expect.stringMatching(/must be .* Received: fast$/) as string,
      next: expect.stringMatching(/^Leave it out/) as string,
    })
  })

  it('the binding where koffi is not installed, with the reason', async () => {
    vi.resetModules()
    vi.doMock('../src/runtimes/onnx-node/c-api/koffi.ts', () => ({
      koffiPackage,
      loadKoffi: () => {
        throw Object.assign(new Error("Cannot find module '@koromix/koffi'"), { code: 'MODULE_NOT_FOUND' })
      },
    }))
    const { findApi: find } = await import('../src/runtimes/onnx-node/c-api/find-api.ts')
    const { onnxNodeRuntime: runtime } = await import('../src/runtimes/onnx-node/onnx-node-runtime.ts')
    if (process.platform === 'linux') expect(find()).toEqual({
      missing: `${koffiPackage(process.platform, process.arch)} is not installed`,
    })
    // The tensors of the modules that were loaded anew.
    const anew = await import('../src/index.ts')
    const executable = await runtime({ threads: 1 }).compile(anew.graph('g', [], [anew.add(anew.tensor([1]), 1)]))
    expect([...(await executable.run([]))[0]!]).toEqual([2])
    await executable.release()
    expect(() => runtime({ interface: 'c-api' })).toThrow(/cannot be used[^]*is not installed[^]*Next:/)
    vi.doUnmock('../src/runtimes/onnx-node/c-api/koffi.ts')
  })

  it('the binding where koffi is cut off, with what to do', async () => {
    vi.resetModules()
    vi.doMock('../src/runtimes/onnx-node/c-api/koffi.ts', async () => {
      const { UserError } = await import('../src/errors.ts')
      return {
        koffiPackage,
        loadKoffi: () => {
          throw new UserError({ rule: 'koffi.node must be whole.', received: '1 bytes of 2', next: 'Install: npm ci' })
        },
      }
    })
    const { availableRuntimes: report, onnxNodeRuntime: runtime } = await import('../src/node.ts')
    if (process.platform === 'linux') expect(await report()).toContainEqual({
      name: 'onnx-node', works: true, next: 'Install: npm ci',
      detail: expect.stringMatching(/its binding, .*: koffi.node must be whole. Received: 1 bytes of 2$/) as string,
    })
    expect(() => runtime({ interface: 'c-api' })).toThrow(/cannot be used[^]*must be whole[^]*Install: npm ci$/)
    vi.doUnmock('../src/runtimes/onnx-node/c-api/koffi.ts')
  })
})

describe('runs that are asked for while others wait', () => {
  it('come in the order in which they were asked for', async () => {
    const s = input('s', { shape: [1], dtype: 'float32' })
    const step = await direct.compileSteps({ graph: graph('g', [s], [add(mul(s, 10), 1)]), stateCount: 1 })
    const [s0, s1, s2, s3] = [3, 0, 0, 0].map(value => [Float32Array.of(value)]) as [
      TypedArray[], TypedArray[], TypedArray[], TypedArray[],
    ]
    // Long enough for a turn of the event loop to be due.
    await new Promise(resolve => setTimeout(resolve, 20))
    const first = step.run(s0, s1, [], 1)
    const second = step.run(s1, s2, [], 1)
    await first
    const third = step.run(s2, s3, [], 1)
    await Promise.all([second, third])
    expect([s1, s2, s3].map(([array]) => array?.[0])).toEqual([31, 311, 3111])
    await step.release()
  })

  it('read each list once: an entry that takes the memory of another away is refused', async () => {
    const [a, b] = ['a', 'b'].map(name => input(name, { shape: [1000], dtype: 'float32' })) as [Tensor, Tensor]
    const executable = await direct.compile(graph('g', [a, b], [sum(add(a, b))]))
    const [first, second] = [new Float32Array(1000).fill(1), new Float32Array(1000).fill(1)]
    let reads = 0
    const list: TypedArray[] = [first, second]
    Object.defineProperty(list, 1, {
      get: () => {
        if (++reads > 1) structuredClone(first.buffer, { transfer: [first.buffer] })
        return second
      },
    })
    expect((await executable.run(list)).map(array => [...array])).toEqual([[2000]])
    expect(reads).toBe(1)
    await executable.release()
  })
})
