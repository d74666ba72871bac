// The report page: complete, well-formed, self-contained, and safe with hostile names.
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey, uniformAt } from '@ddlf/tensor/random'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import {
  calibration,
  confusionMatrix,
  learningRateFinder,
  lossSlice,
  lossSurface,
  pca,
  randomisedWeightsCheck,
  sharpness,
  softmaxRows,
  topLosses,
} from '../../src/analysis/index.ts'
import { figureDocument } from '../../src/plots/figure-document-node.ts'
import { analysisReport, heatImage, pixelImage, type AnalysisResults } from '../../src/plots/index.ts'

const document = figureDocument()
const NAMES = ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot']

/** A classifier made up of noise around the truth: every number in the report follows from these scores. */
async function results(): Promise<AnalysisResults> {
  const items = 1500
  const classes = NAMES.length
  const noise = normals(randomKey(1, 'report logits'), items * classes)
  const labels = Array.from({ length: items }, (_, i) => i % classes)
  const logits = noise.map((value, i) => {
    const label = labels[Math.floor(i / classes)]!
    const alike = (label === 6 && i % classes === 0) || (label === 4 && i % classes === 2)
    return 1.6 * value + (i % classes === label ? 5 : 0) + (alike ? 3.4 : 0)
  })
  const probabilities = softmaxRows(logits, classes)
  const predictions = labels.map((_, i) => {
    const row = Array.from(logits.subarray(i * classes, (i + 1) * classes))
    return row.indexOf(Math.max(...row))
  })
  const losses = topLosses(probabilities, labels, 16)
  const picture = (seed: number) =>
    pixelImage(
      Float32Array.from(
        { length: 784 },
        (_, p) =>
          Math.max(0, 1 - Math.hypot((p % 28) - 14, Math.floor(p / 28) - 14) / (6 + (seed % 7))) *
          (0.7 + 0.3 * uniformAt(randomKey(seed), p)),
      ),
      [1, 28, 28],
    )
  const decay = (floor: number, name: string) =>
    Array.from({ length: 3 }, (_, seed) => ({
      x: Array.from({ length: 30 }, (__, i) => i + 1),
      y: Array.from(
        normals(randomKey(seed, name), 30),
        (value, i) => (floor + 1.2 * Math.exp(-i / 6)) * Math.exp(0.03 * value),
      ),
    }))
  let x = 10
  const bowl = (p: Float32Array) => Promise.resolve(0.3 + 2 * p[0]! ** 2 + p[1]! ** 2)
  const features = normals(randomKey(3, 'features'), 300 * 8).map(
    (value, i) => value + (i % 8 === Math.floor(i / 8) % 3 ? 6 : 0),
  )
  const map = normals(randomKey(4, 'map'), 4 * 49)
  const maps = { maps: map, items: 4, height: 7, width: 7 }
  return {
    title: 'mlp-on-fashion / 0007',
    subtitle: 'How far does a multilayer perceptron get on Fashion-MNIST?',
    metrics: [{ name: 'Parameters', value: '109 386', note: '784-128-64-10' }],
    settings: {
      model: '784-128-64-10',
      optimizer: 'adam',
      learningRate: 0.001,
      batchSize: 128,
      epochs: 30,
      augment: null,
    },
    provenance: { seed: 0, commit: '7e5a8c9 (clean)', runtime: 'onnxruntime-node 1.30.0' },
    curves: [
      {
        title: 'Cross-entropy',
        series: [
          { name: 'training', runs: decay(0.2, 'train') },
          { name: 'validation', runs: decay(0.34, 'valid'), dashed: true },
        ],
        options: { xLabel: 'epoch', yLabel: 'nats' },
      },
      {
        title: 'Learning rate',
        series: [{ name: 'cosine', runs: [{ x: [1, 10, 20, 30], y: [0.001, 0.0008, 0.0003, 0] }] }],
        options: { xLabel: 'epoch', yLabel: 'rate' },
      },
    ],
    confusion: confusionMatrix(labels, predictions, NAMES),
    calibration: calibration(probabilities, labels),
    topLosses: { losses, classes: NAMES, images: losses.map(({ index }) => picture(index)) },
    filters: {
      weights: normals(randomKey(5, 'filters'), 24 * 784).map(
        (value, i) => value * Math.exp(-Math.hypot((i % 28) - 14, (Math.floor(i / 28) % 28) - 14) / 6),
      ),
      shape: [24, 1, 28, 28],
    },
    activations: [
      { layer: 'hidden.0.0', kind: 'relu', units: 128, dead: 0.25, zero: 0.6 },
      { layer: 'hidden.1.0', kind: 'tanh', units: 64, saturated: 0.031 },
    ],
    attribution: (['saliency', 'gradCam'] as const).map(method => ({
      method,
      tiles: [0, 1, 2, 3].map(i => ({
        image: heatImage(map.subarray(i * 49, i * 49 + 49), 7, 7),
        caption: [NAMES[i]!, method],
      })),
      ...(method === 'saliency' && {
        check: randomisedWeightsCheck(maps, { ...maps, maps: normals(randomKey(6, 'map'), 4 * 49) }),
      }),
    })),
    learningRates: await learningRateFinder(
      rate => {
        const loss = 0.5 * x * x
        x -= rate * x
        return Promise.resolve(loss)
      },
      { smoothing: 0.8 },
    ),
    sharpness: [
      await sharpness(
        async p => ({ loss: await bowl(p), gradient: [4 * p[0]!, 2 * p[1]!] }),
        Float32Array.of(0.01, 0.01),
      ),
    ],
    lossSlices: [
      { title: 'One direction', slice: await lossSlice(bowl, Float32Array.of(0, 0), Float32Array.of(1, 1)) },
      {
        title: 'Two directions',
        slice: await lossSurface(bowl, Float32Array.of(0, 0), [Float32Array.of(1, 0), Float32Array.of(0.5, 1)], {
          points: 15,
        }),
      },
    ],
    embeddings: [
      {
        title: 'Features (PCA)',
        points: pca(features, 300).projected,
        groups: Array.from({ length: 300 }, (_, i) => i % 3),
        classes: NAMES,
      },
    ],
  }
}

describe('analysis report', async () => {
  const full = await results()
  const { html, figures } = analysisReport(full, { document })
  const page = (
    parseHTML(html) as unknown as {
      document: {
        querySelectorAll(
          selector: string,
        ): Iterable<{ id: string; textContent: string; getAttribute(name: string): string }>
      }
    }
  ).document

  it('equals its snapshot', async () => {
    await expect(html).toMatchFileSnapshot('snapshots/analysis-report.html')
  })

  it('has every part, and links that lead somewhere', () => {
    const ids = [...page.querySelectorAll('section')].map(section => section.id)
    expect(ids).toEqual([
      'curves',
      'confusion',
      'calibration',
      'top-losses',
      'filters',
      'activations',
      'saliency',
      'grad-cam',
      'learning-rates',
      'landscape',
      'embeddings',
      'settings',
      'provenance',
    ])
    expect([...page.querySelectorAll('nav a')].map(link => link.getAttribute('href').slice(1))).toEqual(ids)
    const all = [...page.querySelectorAll('[id]')].map(node => node.id)
    expect(new Set(all).size).toBe(all.length)
  })

  it('hands out its figures with names fit for files', () => {
    expect(figures.map(figure => figure.name)).toEqual([
      'curve-cross-entropy',
      'curve-learning-rate',
      'confusion-matrix',
      'reliability',
      'top-losses',
      'filters',
      'saliency',
      'grad-cam',
      'learning-rates',
      'loss-one-direction',
      'loss-two-directions',
      'embedding-features-pca',
    ])
    for (const { svg } of figures) expect(html).toContain(svg)
  })

  it('asks for nothing from anywhere', () => {
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|src=|@import|<script|<link|url\((?!#)/,
    )
    expect(html).toContain("default-src 'none'")
  })

  it('prints numbers that follow from the results', () => {
    const { confusion } = full
    const wrong = confusion!.total - NAMES.reduce((sum, _, c) => sum + confusion!.counts[c * 11]!, 0)
    expect(html).toContain(`${((100 * wrong) / confusion!.total).toFixed(2)} %`)
    expect(html).toContain(`${wrong} of 1500`)
    expect(html).not.toMatch(/NaN|undefined/)
  })

  it('leaves out what is not there', () => {
    const bare = analysisReport({ title: 'bare' }, { document })
    expect(bare.figures).toEqual([])
    expect(bare.html).not.toMatch(/<section|<nav|<dl/)
  })

  it('escapes names, settings and texts', () => {
    const hostile = '<img src=x onerror=alert(1)>'
    const page = analysisReport(
      {
        title: hostile,
        subtitle: hostile,
        settings: { [hostile]: hostile },
        confusion: confusionMatrix([0, 1], [1, 1], [hostile, 'b']),
        topLosses: { losses: topLosses([0.9, 0.1], [1], 1), classes: [hostile, hostile], texts: [hostile] },
      },
      { document },
    )
    expect(page.html).not.toContain('<img')
  })

  it('refuses pictures that are not one for each loss', () => {
    expect(() =>
      analysisReport(
        { title: 'x', topLosses: { losses: topLosses([0.9, 0.1], [1], 1), classes: ['a', 'b'], images: [] } },
        { document },
      ),
    ).toThrow(UserError)
  })
})

it('predicted numbers stand against the true ones, with the line on which they are equal', () => {
  const targets = Float32Array.from({ length: 40 }, (_, k) => 1000 * k)
  const predicted = targets.map(value => 1.1 * value)
  const { html, figures } = analysisReport(
    { title: 'a run', regression: { predicted, targets, target: 'price' } },
    { document },
  )
  const figure = figures.find(({ name }) => name === 'predicted-against-true')!
  expect(html).toContain('Predicted and true numbers')
  const points = [...figure.svg.matchAll(/<circle [^>]*cx="([\d.]+)" cy="([\d.]+)"/g)].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  )
  expect(points.length).toBe(40)
  expect(figure.svg).toContain('price, predicted')
  // The points lie above the line: its ends are the least and the largest of both numbers.
  const [, from, to] = /<path [^>]*d="M([\d.,]+)L([\d.,]+)"/.exec(figure.svg) ?? []
  const [[x0, y0], [x1, y1]] = [from!, to!].map(end => end.split(',').map(Number)) as [
    [number, number],
    [number, number],
  ]
  for (const [x, y] of points.slice(1)) expect(y).toBeLessThan(y0 + ((x - x0) * (y1 - y0)) / (x1 - x0))
})
