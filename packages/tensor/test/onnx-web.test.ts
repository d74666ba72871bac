// The WebAssembly runtime against the reference and the native runtime: every op, several steps in one run, released
// sessions.
import { afterAll, describe, expect, it } from 'vitest'
import { evaluate, graph, input, mul, sub, sum, Tensor } from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { opCases, sampledOps } from './op-cases.ts'

const runtime = onnxWebRuntime()
const native = onnxNodeRuntime({ threads: 1 })
const cases = opCases()

describe.each(sampledOps())('%s in WebAssembly', name => {
  for (const { op, index, attributes, inputs } of cases.filter(({ op }) => op.name === name)) {
    it(`sample ${index}: as the reference`, async () => {
      const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
      const output = Tensor.apply(op, leaves, attributes)
      const executable = await runtime.compile(graph(name, leaves, [output]))
      const [actual] = await executable.run(inputs.map(({ data }) => data))
      await executable.release()
      const [expected] = evaluate([output], new Map(leaves.map((leaf, i) => [leaf, inputs[i]!.data])))
      expect(actual!.length).toBe(expected!.length)
      const tolerance = op.tolerance ?? 1e-5
      expected!.forEach((want, i) => {
        if (Number.isFinite(want)) expect(Math.abs(actual![i]! - want))
          .toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want)))
        else expect(actual![i], `element ${i}`).toBe(want)
      })
    })
  }
})

describe('several steps in one run', () => {
  // Gradient descent on |w - x|^2 with a fresh x at every step.
  const w = input('w', { shape: [3], dtype: 'float32' })
  const x = input('x', { shape: [3], dtype: 'float32' })
  const difference = sub(w, x)
  const program = {
    graph: graph('descent', [w, x], [sub(w, mul(difference, 0.25)), sum(mul(difference, difference))]), stateCount: 1,
  }
  const state = [Float32Array.of(1, -2, 3)]
  const fresh = [Float32Array.from({ length: 12 }, (_, i) => Math.sin(i))]
  const opened: { release(): Promise<void> }[] = []
  afterAll(async () => {
    for (const executable of opened) await executable.release()
  })
  const steps = async (on: typeof runtime) => {
    const executable = await on.compileSteps(program)
    opened.push(executable)
    const next = [new Float32Array(3)]
    const [losses] = await executable.run(state, next, fresh, 4)
    return { next: [...next[0]!], losses: [...losses!] }
  }

  it('are the same as in the native runtime, and leave the first state alone', async () => {
    const web = await steps(runtime)
    const expected = await steps(native)
    web.next.forEach((value, i) => expect(value).toBeCloseTo(expected.next[i]!, 6))
    web.losses.forEach((value, i) => expect(value).toBeCloseTo(expected.losses[i]!, 5))
    expect([...state[0]!]).toEqual([1, -2, 3])
  })
})
