// Every part of the engine that has to look into the body of a scan: printing, lowering, folding, counting, the free
// batch axis, the loop of steps, WebGPU.
import { describe, expect, it } from 'vitest'
import {
  add,
  channelAffine,
  classLabels,
  conv2d,
  differentiate,
  evaluate,
  gather,
  graph,
  input,
  lowerGraph,
  lowerInference,
  matmul,
  mean,
  mul,
  printGraph,
  referenceRuntime,
  relu,
  scan,
  square,
  sub,
  substitute,
  sum,
  tanh,
  topologicalOrder,
  transpose,
  zeros,
  type Runtime,
  type Tensor,
} from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime, runOnnxModel } from '../src/node.ts'
import { foldAffine } from '../src/passes/fold-affine.ts'
import {
  STEPS,
  BATCH,
  SIZE,
  values,
  known,
  weight,
  x,
  wx,
  wh,
  bias,
  models,
  closeness,
  closed,
  lstm,
  quantities,
  nodesOf,
  run,
} from './scan-models.ts'

describe('the engine around a scan', () => {
  it('prints the body below the op, with what is read of it', () => {
    const w = weight('w', 2)
    const {
      carry: [last],
    } = scan(
      ([h], [e]) => ({ carry: [tanh(add(mul(h, w), e))], ys: [e] }),
      [zeros([2])],
      [input('x', { shape: [3, 2], dtype: 'float32' })],
    )
    const leaf = topologicalOrder([last]).filter(({ leaf }) => leaf?.kind === 'input')
    expect(printGraph(graph('loop', leaf, [last]))).toMatchInlineSnapshot(`
      "graph loop(x: float32[3, 2], parameter1: float32[2]) {
        %0 = full(0) : float32[2]
        %1 = scan(%0, x, parameter1) {carries: 1, xs: 1, length: 3} : float32[2]
          body(carry0: float32[2], x0: float32[2], captured0: float32[2]) {
            %2 = mul(carry0, captured0) : float32[2]
            %3 = add(%2, x0) : float32[2]
            %4 = tanh(%3) : float32[2]
            return %4
          }
        return %1
      }"
    `)
  })

  it('renames, drops and counts domains inside bodies too', async () => {
    // A value that the body reads is an output as well; the convolution takes the blocked kernels where there are some.
    const kernel = weight('kernel', 16, 16, 3, 3)
    const shared = tanh(kernel)
    const {
      carry: [last],
    } = scan(
      ([s], [e]) => ({ carry: [relu(conv2d(add(s, e), shared, undefined, { padding: 1 }))] }),
      [zeros([1, 16, 6, 6])],
      [known('e', 3, 1, 16, 6, 6)],
    )
    const outputs = [shared, last, ...differentiate(sum(square(last)), [kernel])]
    const expected = evaluate(outputs, new Map(), 'float64')
    const results = await run(onnxNodeRuntime({ threads: 1 }), outputs)
    results.forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(2e-5))
  })

  it('keeps the constants of a body in the graph around it, each once', () => {
    const table = known('table', 100, SIZE)
    const {
      ys: [all],
    } = scan(
      (_, [e]) => ({
        carry: [],
        ys: [add(matmul(e, matmul(table, table, { transposeA: true })), sum(table, { axes: 0 }))],
      }),
      [],
      [x()],
    )
    const nodes = nodesOf(lowerGraph(closed([all]), 'cpu').bytes)
    for (const { nested, initializers } of nodes) expect(initializers > 0).toBe(!nested)
  })

  it('folds the affine maps of a body into its convolutions', () => {
    const [kernel, scale, shift] = [weight('k', 2, 1, 3, 3), weight('scale', 2), weight('shift', 2)]
    const {
      ys: [all],
    } = scan(
      (_, [e]) => ({ carry: [], ys: [channelAffine(conv2d(e, kernel), scale, shift)] }),
      [],
      [known('images', 2, 1, 1, 5, 5)],
    )
    const folded = foldAffine(closed([all]))
    expect(printGraph(closed([all]))).toContain('channelAffine')
    expect(printGraph(folded)).not.toContain('channelAffine')
    expect(closeness(evaluate(folded.outputs)[0]!, evaluate([all])[0]!)).toBeLessThan(1e-6)
  })

  it('leaves the batch axis of a model to hand on free', async () => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const at = (batch: number) => {
      const images = input('images', { shape: [batch, STEPS, SIZE], dtype: 'float32' })
      const {
        carry: [last],
        ys: [all],
      } = lstm(scan, transpose(images, [1, 0, 2]), parameters)
      return graph('reader', [images], [last, transpose(all, [1, 0, 2])])
    }
    const { bytes, outputNames } = lowerInference(at, { outputs: ['last', 'all'] })
    for (const batch of [1, 4]) {
      const data = values('images', batch, STEPS, SIZE)
      const [results] = await runOnnxModel(bytes, [{ images: { shape: [batch, STEPS, SIZE], dtype: 'float32', data } }])
      const { inputs, outputs } = at(batch)
      evaluate(outputs, new Map([[inputs[0]!, data]])).forEach((expected, i) =>
        expect(closeness(results![outputNames[i]!]!.data, expected)).toBeLessThan(2e-5),
      )
    }
  })

  it('checks labels that its body reads before a run, with the step in which they are wrong', async () => {
    const [table, labels] = [weight('table', 3, SIZE), input('labels', { shape: [STEPS, BATCH], dtype: 'int32' })]
    const {
      carry: [total],
    } = scan(
      ([t], [each]) => ({ carry: [add(t, gather(table, classLabels(each, 3)))] }),
      [zeros([BATCH, SIZE])],
      [labels],
    )
    const executable = await onnxNodeRuntime({ threads: 1 }).compile(graph('labels', [labels], [total]))
    const wrong = new Int32Array(STEPS * BATCH).fill(1).with(2 * BATCH + 1, 3)
    await expect(executable.run([wrong, table.leaf!.data!])).rejects.toThrow(/label 3 in row 2, position \[1\]/)
    const [sums] = await executable.run([new Int32Array(STEPS * BATCH).fill(1), table.leaf!.data!])
    expect(sums![0]).toBeCloseTo(STEPS * table.leaf!.data![SIZE]!, 4)
    await executable.release()
  })

  it('trains inside the loop of steps', async () => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const element = input('element', { shape: [STEPS, BATCH, SIZE], dtype: 'float32' })
    const {
      carry: [h],
      ys: [all],
    } = lstm(scan, element, parameters)
    const loss = add(mean(square(sub(all, 0.3))), mean(h))
    const next = differentiate(loss, parameters).map((gradient, i) => sub(parameters[i]!, mul(gradient, 0.1)))
    const program = { graph: graph('step', [...parameters, element], [...next, loss]), stateCount: 3 }
    const train = async (runtime: Runtime) => {
      const executable = await runtime.compileSteps(program)
      const state = parameters.map(({ leaf }) => leaf!.data!)
      const after = state.map(data => data.slice())
      const [losses] = await executable.run(state, after, [values('batches', 6, STEPS, BATCH, SIZE)], 6)
      await executable.release()
      return [...after, losses!]
    }
    const expected = await train(referenceRuntime)
    for (const runtime of [onnxNodeRuntime({ threads: 2 }), onnxWebRuntime()]) {
      ;(await train(runtime)).forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(2e-5))
    }
  })

  it('is written out for WebGPU, which has no loop', () => {
    const { bytes } = lowerGraph(closed(quantities(models['an LSTM']!, scan)), 'webgpu')
    const nodes = nodesOf(bytes)
    expect(nodes.some(({ opType, nested }) => opType === 'Scan' || nested)).toBe(false)
    expect(nodes.filter(({ opType }) => opType === 'Sigmoid').length).toBeGreaterThanOrEqual(3 * STEPS)
  })

  it('can be differentiated after a pass has dropped what nothing read', () => {
    const [w, other] = [weight('w', SIZE), weight('other', SIZE)]
    const {
      carry: [last],
    } = scan(([h], [e]) => ({ carry: [tanh(add(mul(h, w), e))] }), [zeros([BATCH, SIZE])], [x()])
    const [moved] = substitute([sum(square(last))], new Map([[w, other]])) as [Tensor]
    const again =
      models['a recurrent network'] &&
      scan(([h], [e]) => ({ carry: [tanh(add(mul(h, other), e))] }), [zeros([BATCH, SIZE])], [x()])
    const [actual, expected] = evaluate([
      ...differentiate(moved, [other]),
      ...differentiate(sum(square(again!.carry[0])), [other]),
    ])
    expect(closeness(actual!, expected!)).toBeLessThan(1e-6)
  })
})
