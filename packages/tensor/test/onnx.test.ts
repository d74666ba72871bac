// The ONNX form of graphs: checked by an independent reader, and run as a loop of steps.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  bernoulli, cond, differentiate, gather, graph, input, linear, logSoftmax, lowerGraph, lowerSteps, mean, mul, neg,
  oneHot, parameter, referenceRuntime, relu, scan, scatterAdd, sub, sum, Tensor,
  type Runtime, type StepProgram, type TypedArray,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { randomKey, uniforms } from '../src/random.ts'
import { opCases } from './op-cases.ts'
import { models as scanModels, quantities } from './scan-models.ts'

/** A training step of a small classifier with dropout: state first, then what is fresh at every step. */
function program(): { step: StepProgram; state: TypedArray[] } {
  const weights = parameter(uniforms(randomKey(1, 'w'), 5 * 4, -1, 1), [5, 4])
  const bias = parameter(new Float32Array(5), [5])
  const x = input('x', { shape: [3, 4], dtype: 'uint8' })
  const labels = input('labels', { shape: [3], dtype: 'int32' })
  const learningRate = input('learningRate', { shape: [], dtype: 'float32' })
  const key = input('key', { shape: [2], dtype: 'int32' })
  const hidden = mul(relu(linear(mul(x.cast('float32'), 1 / 255), weights, bias)), bernoulli(key, [3, 5], 0.8))
  const loss = neg(mean(sum(mul(logSoftmax(hidden), oneHot(labels, 5)), { axes: 1 })))
  const next = differentiate(loss, [weights, bias]).map((g, i) => sub([weights, bias][i]!, mul(learningRate, g)))
  const inputs = [weights, bias, x, labels, learningRate, key]
  return {
    step: { graph: graph('step', inputs, [...next, loss]), stateCount: 2 },
    state: [weights, bias].map(p => p.leaf!.data!.slice()),
  }
}

const STEPS = 7
const fresh: TypedArray[] = [
  Uint8Array.from({ length: STEPS * 12 }, (_, i) => (i * 37) % 256),
  Int32Array.from({ length: STEPS * 3 }, (_, i) => i % 5),
  new Float32Array(STEPS).fill(0.5),
  Int32Array.from(Array.from({ length: STEPS }, (_, i) => [...randomKey(9, 'dropout', i)]).flat()),
]

async function train(runtime: Runtime, parts: readonly number[]): Promise<{ losses: number[]; state: TypedArray[] }> {
  const { step, state } = program()
  const executable = await runtime.compileSteps(step)
  let current = state
  let next: TypedArray[] = state.map(array => array.slice())
  const losses: number[] = []
  let from = 0
  for (const steps of parts) {
    const slices = fresh.map(array => array.slice(
      (from * array.length) / STEPS, ((from + steps) * array.length) / STEPS,
    ))
    const [loss] = await executable.run(current, next, slices, steps)
    losses.push(...loss!)
    ;[current, next] = [next, current]
    from += steps
  }
  await executable.release()
  return { losses, state: current }
}

describe('a step program', () => {
  it('takes the same steps on the native runtime as on the reference', async () => {
    const [expected, actual] = [
      await train(referenceRuntime, [STEPS]), await train(onnxNodeRuntime({ threads: 1 }), [STEPS]),
    ]
    actual.losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i]!, 5))
    actual.state.forEach((array, i) =>
      array.forEach((value, k) => expect(value).toBeCloseTo(expected.state[i]![k]!, 5)))
  })

  it('ends bit for bit in the same state however its steps are divided, on one thread and two, both ways of calling',
    async () => {
    const whole = await train(onnxNodeRuntime({ threads: 1 }), [STEPS])
    expect(await train(onnxNodeRuntime({ threads: 1 }), [1, 3, 2, 1])).toEqual(whole)
    expect(await train(onnxNodeRuntime({ threads: 2 }), [5, 2])).toEqual(whole)
    // Through the binding the steps of a run are a Loop in the graph.
    for (const threads of [1, 2]) {
      expect(await train(onnxNodeRuntime({ threads, interface: 'binding' }), [5, 2])).toEqual(whole)
    }
  })
})

const python = '/usr/bin/python3'
const missing = (() => {
  try {
    execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' })
    return undefined
  } catch {
    return "Debian's ONNX checker is absent; install it with: apt-get install python3-onnx"
  }
})()

describe('the ONNX checker of the onnx project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ddlf-onnx-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  if (missing) {
    console.warn(`skipped: ${missing}`)
    it.skipIf(!process.env['CI'])(missing, () => expect.fail(missing))
    return
  }

  it('accepts the step, its loop, a model of every op, and of bodies in bodies', () => {
    const { step } = program()
    const models = [lowerGraph(step.graph, 'cpu'), lowerSteps(step, 'cpu')]
    for (const model of [scanModels['a scan in a scan']!, scanModels['nothing that is read']!]) {
      const whole = graph('scan', [], quantities(model, scan))
      const chosen = cond(whole.outputs[0]!.greater(0), () => whole.outputs.slice(1, 2), () => whole.inputs.slice(0, 1))
      models.push(lowerGraph(whole, 'cpu'), lowerGraph(graph('cond', whole.inputs, chosen), 'cpu'))
    }
    for (const { op, inputs, attributes } of opCases()) {
      const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
      models.push(lowerGraph(graph(op.name, leaves, Tensor.applyAll(op, leaves, attributes)), 'cpu'))
    }
    models.forEach(({ bytes }, i) => writeFileSync(join(folder, `${i}.onnx`), bytes))
    const script = [
      'import glob, onnx, sys',
      'files = glob.glob(sys.argv[1] + "/*.onnx")',
      'for file in files: onnx.checker.check_model(onnx.load(file), full_check=True)',
      'print(len(files))',
    ].join('\n')
    expect(Number(execFileSync(python, ['-c', script, folder], { encoding: 'utf8' }))).toBe(models.length)
  })
})

describe('gather and its gradient', () => {
  it('do not lose updates on two threads', async () => {
    const rows = 2000
    const positions = input('positions', { shape: [rows], dtype: 'int32' })
    const table = input('table', { shape: [600, 16], dtype: 'float32' })
    const total = scatterAdd(positions, gather(table, positions), 600)
    const executable = await onnxNodeRuntime({ threads: 2 }).compile(graph('g', [positions, table], [total]))
    const at = Int32Array.from({ length: rows }, (_, i) => i % 3)
    for (let run = 0; run < 20; run++) {
      const [sums] = await executable.run([at, new Float32Array(600 * 16).fill(1)])
      expect([sums![0], sums![16], sums![32], sums![48]]).toEqual([667, 667, 666, 0])
    }
    await executable.release()
  })
})
