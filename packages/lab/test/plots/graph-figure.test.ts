// The drawing of a step's graph: everything in it, in its column, and nothing on top of anything else.
import { describe, expect, it } from 'vitest'
import {
  BatchNorm1d,
  Dropout,
  Linear,
  ReLU,
  Sequential,
  adamW,
  crossEntropy,
  sgd,
  trainingStep,
  withSeed,
  type Optimizer,
} from '@ddlf/nn'
import { graph, input, linear, scan, simplify, split, tanh, topologicalOrder, zeros, type Tensor } from '@ddlf/tensor'
import { graphFigure } from '../../src/plots/graph-figure.ts'
import { layoutGraph } from '../../src/plots/graph-layout.ts'

const stepOf = (layers: () => Sequential, optimizer: Optimizer) => {
  const model = withSeed(1, layers)
  return trainingStep({
    model, optimizer,
    loss: (_, { images, labels }) => ({ loss: crossEntropy(model.forward(images), labels) }),
    batch: { images: { shape: [8, 12], dtype: 'float32' }, labels: { shape: [8], dtype: 'int32' } },
  })
}
const plain = () => new Sequential(new Linear(12, 6), new ReLU(), new Linear(6, 3))
const steps = {
  plain: stepOf(plain, sgd({ momentum: 0.9 })),
  'without a hidden layer': stepOf(() => new Sequential(new Linear(12, 3)), sgd()),
  'with dropout': stepOf(
    () => new Sequential(new Linear(12, 6), new ReLU(), new Dropout(0.5), new Linear(6, 3)),
    sgd({ momentum: 0.9 }),
  ),
  'with batch norm and AdamW': stepOf(
    () => new Sequential(new Linear(12, 6), new BatchNorm1d(6), new ReLU(), new Linear(6, 3)),
    adamW(),
  ),
}

describe.each(Object.entries(steps))('a step %s', (_, step) => {
  const simple = simplify(step.graph)
  const { nodes, edges, bands, rows } = layoutGraph(simple, step)

  it('gives every node a place of its own, inside a band', () => {
    const places = nodes.map(({ column, row }) => `${column} ${row}`)
    expect(new Set(places).size).toBe(places.length)
    for (const { row } of nodes) expect(bands.some(band => row >= band.row && row < band.row + band.rows)).toBe(true)
    expect(bands.reduce((sum, band) => sum + band.rows, 0)).toBe(rows)
  })

  it('draws every parameter and one update for each, and nothing without an edge but what nothing reads', () => {
    const parameters = step.state.filter(({ kind }) => kind === 'parameter').map(({ name }) => name).sort()
    const labels = (kind: string) => nodes.filter(node => node.kind === kind).map(({ label }) => label)
    expect(labels('parameter')).toEqual(expect.arrayContaining(parameters))
    expect(labels('update')).toEqual(expect.arrayContaining(parameters))
    const touched = new Set(edges.flatMap(({ from, to }) => [from, to]))
    nodes.forEach((node, i) => {
      if (node.kind !== 'parameter' && node.kind !== 'update') expect(touched.has(i), node.label).toBe(true)
    })
  })

  it('runs forward downwards and backward upwards', () => {
    const inColumn = (column: number) =>
      edges.filter(({ from, to }) => nodes[from]?.column === column && nodes[to]?.column === column)
    for (const { from, to } of inColumn(0)) expect(nodes[to]?.row).toBeGreaterThan(nodes[from]?.row ?? 0)
    for (const { from, to } of inColumn(2)) expect(nodes[to]?.row).toBeLessThan(nodes[from]?.row ?? 0)
  })
})

describe('what is drawn', () => {
  it('covers every op of a step without random numbers: drawn, or inside an update', () => {
    const simple = simplify(steps.plain.graph)
    const { nodes } = layoutGraph(simple, steps.plain)
    const updates = nodes
      .filter(({ kind }) => kind === 'update')
      .reduce((sum, { title }) => sum + Number(/in (\d+) ops/.exec(title)?.[1]), 0)
    const single = nodes.filter(({ kind }) => ['forward', 'loss', 'gradient', 'metric'].includes(kind)).length
    expect(updates + single).toBe(topologicalOrder(simple.outputs).filter(({ origin }) => origin).length)
  })

  it('is one node for a loop and for an op with several outputs, the loop with what its body holds', () => {
    class Reader {
      readonly hidden = new Linear(4, 4)
      readonly logits = new Linear(4, 3)
      forward(words: Tensor): Tensor {
        const { carry: [last], ys: [all] } = scan(([h], [x]) => {
          const next = tanh(linear(h, this.hidden.weight, this.hidden.bias).add(x))
          return { carry: [next], ys: [next] }
        }, [zeros([8, 4])], [words])
        const [early, late] = split(all, [2, 3]) as [Tensor, Tensor]
        return this.logits.forward(last.add(early.mean({ axes: 0 })).add(late.mean({ axes: 0 })))
      }
    }
    const model = withSeed(1, () => new Reader())
    const step = trainingStep<Reader, 'words' | 'labels'>({
      model, optimizer: sgd(), batch: { words: { shape: [5, 8, 4] }, labels: { shape: [8], dtype: 'int32' } },
      loss: (reader, { words, labels }) => ({ loss: crossEntropy(reader.forward(words), labels) }),
    })
    const { nodes, edges } = layoutGraph(simplify(step.graph), step)
    const loops = nodes.filter(({ label }) => label.startsWith('scan'))
    expect(loops.map(({ kind, label, detail }) => [kind, label, detail])).toEqual([
      ['forward', 'scan 5 steps', '3 ops a step'],
      ['gradient', 'scan 5 steps back', expect.stringMatching(/^\d+ ops a step$/)],
    ])
    expect(nodes.filter(({ label }) => label === 'split')).toHaveLength(1)
    const touched = new Set(edges.flatMap(({ from, to }) => [from, to]))
    const alone = nodes.filter(({ kind }, i) => kind !== 'parameter' && kind !== 'update' && !touched.has(i))
    expect(alone).toEqual([])
  })

  it('takes a forward pass by itself, and escapes names', () => {
    const x = input('x<y>&"z"', { shape: [2, 12], dtype: 'float32' })
    const model = withSeed(1, plain)
    const svg = graphFigure(graph('forward', [x], [model.forward(x)]), { title: 'a < b' })
    expect(svg).toContain('x&lt;y&gt;&amp;&quot;z&quot;')
    expect(svg).toContain('a &lt; b')
    expect(svg.match(/<rect[^>]*rx="6" fill="#/g)).toHaveLength(3)
  })
})
