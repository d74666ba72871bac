// Every figure as an SVG snapshot, and what must hold for all of them: well-formed, self-contained, named,
// deterministic.
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey, uniformAt } from '@ddlf/tensor/random'
import { decode } from 'fast-png'
import { DOMParser } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { calibration, confusionMatrix } from '../../src/analysis/index.ts'
import { figureDocument } from '../../src/plots/figure-document-node.ts'
import {
  confusionFigure,
  curveFigure,
  filterGridFigure,
  heatmapFigure,
  heatImage,
  histogramFigure,
  imageDataUri,
  imageGridFigure,
  lossSliceFigure,
  pixelImage,
  reliabilityFigure,
  scatterFigure,
} from '../../src/plots/index.ts'
import { luminance, SERIES_COLOURS } from '../../src/plots/palette.ts'

const document = figureDocument()
const CIFAR = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']
const noise = (name: string, length: number) => normals(randomKey(1, name), length)

/** A decaying curve with noise, one a seed. */
const decay = (name: string, floor: number, seeds: number) =>
  Array.from({ length: seeds }, (_, seed) => {
    const jitter = noise(`${name}${seed}`, 40)
    const x = Array.from({ length: 40 }, (_, i) => 50 * (i + 1))
    return { x, y: x.map((step, i) => (floor + 2 * Math.exp(-step / 400)) * Math.exp(0.06 * jitter[i]!)) }
  })

function confusedClasses(classes: readonly string[], items: number) {
  const key = randomKey(2, 'confusion')
  const labels = Array.from({ length: items }, (_, i) => i % classes.length)
  const predictions = labels.map((label, i) => {
    const u = uniformAt(key, i)
    if (u < 0.9) return label
    if (label === 3 || label === 5) return 8 - label
    return Math.floor(uniformAt(key, items + i) * classes.length)
  })
  return confusionMatrix(labels, predictions, classes)
}

function overconfident() {
  const items = 600
  const logits = noise('logits', items * 10).map(value => 3.2 * value)
  const labels = Array.from({ length: items }, (_, i) => {
    const row = Array.from(logits.subarray(i * 10, i * 10 + 10))
    const best = row.indexOf(Math.max(...row))
    return uniformAt(randomKey(3), i) < 0.62 ? best : Math.floor(uniformAt(randomKey(4), i) * 10)
  })
  return calibration(logits, labels, { from: 'logits' })
}

const disc = (radius: number) =>
  pixelImage(
    Float32Array.from({ length: 28 * 28 }, (_, p) =>
      Math.max(0, 1 - Math.abs(Math.hypot((p % 28) - 13.5, Math.floor(p / 28) - 13.5) - radius) / 3),
    ),
    [1, 28, 28],
  )

const gabor = (filters: number, channels: number, side: number) => {
  const weights = new Float32Array(filters * channels * side * side)
  for (let f = 0; f < filters; f++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const [u, v] = [x - side / 2 + 0.5, y - side / 2 + 0.5]
          const angle = (Math.PI * f) / filters
          weights[((f * channels + c) * side + y) * side + x] =
            Math.exp(-(u * u + v * v) / side) * Math.cos((u * Math.cos(angle) + v * Math.sin(angle)) * (0.9 + 0.2 * c))
        }
      }
    }
  }
  return { weights, shape: [filters, channels, side, side] as const }
}

const bowl = (points: number) => {
  const alphas = Float64Array.from({ length: points }, (_, i) => -1 + (2 * i) / (points - 1))
  const losses = Float64Array.from({ length: points * points }, (_, i) => {
    const [a, b] = [alphas[i % points]!, alphas[Math.floor(i / points)]!]
    return 0.05 + 3 * a * a + 1.2 * b * b + 1.4 * a * b * b + 0.12 * Math.cos(7 * a) * Math.sin(5 * b) + 0.12
  })
  return { alphas, betas: alphas, losses }
}

const clusters = () => {
  const points = noise('points', 360)
  const labels = Array.from({ length: 180 }, (_, i) => i % 3)
  labels.forEach((label, i) => {
    points[2 * i] = points[2 * i]! + 5 * Math.cos(2 * label)
    points[2 * i + 1] = points[2 * i + 1]! + 5 * Math.sin(2 * label)
  })
  return { points, labels }
}

const figures: Record<string, () => string> = {
  'curves-of-seeds': () =>
    curveFigure(
      [
        { name: 'SGD with momentum', runs: decay('sgd', 0.12, 5) },
        { name: 'Adam', runs: decay('adam', 0.05, 5) },
        { name: 'Adam, validation', runs: decay('validation', 0.11, 1), dashed: true, colour: 1 },
      ],
      {
        document,
        yScale: 'log',
        yLabel: 'cross-entropy (nats)',
        references: [{ name: 'published 0.08', value: 0.08 }],
      },
    ),
  'curve-of-one-run': () =>
    curveFigure([{ name: 'training', runs: [{ x: [1, 2, 3, 4, 5], y: [0.9, 0.6, NaN, 0.4, 0.35] }] }], {
      document,
      xLabel: 'epoch',
      yLabel: 'accuracy',
    }),
  'confusion-ten-classes': () => confusionFigure(confusedClasses(CIFAR, 5000), { document }),
  'confusion-digits': () =>
    confusionFigure(
      confusedClasses(
        Array.from({ length: 10 }, (_, i) => String(i)),
        10_000,
      ),
      { document },
    ),
  'confusion-forty-classes': () =>
    confusionFigure(
      confusedClasses(
        Array.from({ length: 40 }, (_, i) => `class ${i}`),
        4000,
      ),
      { document },
    ),
  reliability: () => reliabilityFigure(overconfident(), { document }),
  heatmap: () =>
    heatmapFigure(
      [16, 64, 256, 1024],
      [0.001, 0.01, 0.1, 1],
      [3.1, 3.9, 6.2, 9.8, 1.9, 2.1, 3.0, 5.5, 1.7, 1.62, 1.66, 2.4, NaN, NaN, 8.8, 2.2],
      {
        document,
        xLabel: 'batch size',
        yLabel: 'learning rate',
        valueLabel: 'test error (%)',
        title: 'Test error by learning rate and batch size',
        best: 'lowest',
      },
    ),
  'filters-grey': () => filterGridFigure(gabor(16, 1, 7), { document }),
  'filters-colour': () =>
    filterGridFigure(gabor(12, 3, 5), { document, title: 'First-layer filters of a convolution' }),
  'top-losses': () =>
    imageGridFigure(
      [3, 5, 7, 9, 11, 6, 4].map((radius, i) => ({
        image: disc(radius),
        caption: [
          `true ${i} → ${(i * 3) % 10}`,
          `p ${(0.99 - i * 0.05).toFixed(2)}, loss ${(6.2 - 0.7 * i).toFixed(2)}`,
        ],
        correct: i === 6,
      })),
      { document, title: 'Highest losses' },
    ),
  'loss-slice': () =>
    lossSliceFigure(
      {
        alphas: Float64Array.from({ length: 41 }, (_, i) => -1 + i / 20),
        losses: Float64Array.from({ length: 41 }, (_, i) => 0.02 + 4 * (-1 + i / 20) ** 2),
      },
      { document },
    ),
  'loss-surface': () => lossSliceFigure(bowl(21), { document, title: 'Loss around the trained weights' }),
  scatter: () => {
    const { points, labels } = clusters()
    return scatterFigure(points, {
      document,
      groups: labels,
      classes: ['cat', 'dog', 'ship'],
      title: 'Features of the test set (PCA)',
      xLabel: 'first component',
      yLabel: 'second component',
    })
  },
  'scatter-words': () =>
    scatterFigure([0, 0, 1, 1, 2, 0.5], { document, texts: ['war', 'peace', 'economy'], title: 'Words' }),
  histogram: () =>
    histogramFigure(
      [
        { name: 'before', values: noise('before', 500) },
        { name: 'after', values: noise('after', 800).map(value => 0.6 * value + 0.8) },
      ],
      { document, xLabel: 'weight' },
    ),
  'histogram-of-one': () =>
    histogramFigure([{ name: 'weights', values: Float32Array.of(0.5, 0.5, NaN) }], { document, bins: 5 }),
}

describe.each(Object.entries(figures))('%s', (name, draw) => {
  const svg = draw()

  it('equals its snapshot', async () => {
    await expect(`${svg}\n`).toMatchFileSnapshot(`snapshots/${name}.svg`)
  })

  it('is drawn the same again', () => expect(draw()).toBe(svg))

  it('is well-formed XML with a name, a description and unique ids', () => {
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement as unknown as {
      localName: string
      getAttribute(name: string): string
      querySelector(selector: string): { textContent: string; getAttribute(name: string): string } | null
      querySelectorAll(selector: string): Iterable<{ id: string }>
    }
    expect(root.localName).toBe('svg')
    expect(root.querySelector('title')?.textContent).toMatch(/\w/)
    expect(root.querySelector('desc')?.textContent).toMatch(/\w/)
    expect(root.getAttribute('aria-labelledby').split(' ')[0]).toBe(root.querySelector('title')?.getAttribute('id'))
    const ids = [...root.querySelectorAll('[id]')].map(node => node.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('asks for nothing foreign and has finite coordinates', () => {
    expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|<script|<foreignObject/)
    expect(svg.replace(/base64,[^"]*/g, '').replace(/<title.*?<\/title>|<desc.*?<\/desc>/g, '')).not.toMatch(
      /NaN|undefined|Infinity/,
    )
    for (const [, href] of svg.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^data:image\/png;base64,|^#/)
  })
})

describe('frame', () => {
  it('escapes what a user named', () => {
    const svg = confusionFigure(confusionMatrix([0, 1], [1, 0], ['<script>alert(1)</script>', 'a&b"\u0001']), {
      document,
      title: '<b> & "quotes"',
    })
    expect(svg).not.toContain('<script>')
    expect(svg).not.toContain('\u0001')
    expect(svg).toContain('a&amp;b&quot;\\u0001')
    expect(svg).toContain('&lt;b&gt; &amp; &quot;quotes&quot;')
  })

  it('can leave the heading out and keeps the accessible name', () => {
    const svg = histogramFigure([{ name: 'w', values: [1, 2] }], { document, title: '' })
    expect(svg).toMatch(/<title[^>]*>Histogram<\/title>/)
    expect(svg).not.toContain('font-weight="600"')
  })

  it('says what is missing without a document', () => {
    expect(() => histogramFigure([{ name: 'w', values: [1, 2] }])).toThrow(/figureDocument/)
  })

  it('has colours with a contrast of 3 : 1 on white and on near black', () => {
    for (const colour of SERIES_COLOURS) {
      expect(1.05 / (luminance(colour) + 0.05), colour).toBeGreaterThanOrEqual(3)
      expect((luminance(colour) + 0.05) / (luminance('#0d1117') + 0.05), colour).toBeGreaterThanOrEqual(3)
    }
  })
})

describe('images', () => {
  it('survive a round trip through the data URI', () => {
    const image = pixelImage([0, 0.5, 1, 0, 1, 0.5, 0.25, 0.75, 1, 1, 0, 0], [3, 2, 2], [0, 1])
    const bytes = Uint8Array.from(atob(imageDataUri(image).split(',')[1]!), character => character.charCodeAt(0))
    const back = decode(bytes)
    expect([back.width, back.height, back.channels]).toEqual([2, 2, 3])
    // Channels first in, channels last out.
    expect([...back.data]).toEqual([0, 255, 255, 128, 128, 255, 255, 64, 0, 0, 191, 0])
  })

  it('of heat run from black to near white', () =>
    expect([...heatImage([0, 0.5, 1], 1, 3).pixels]).toEqual([0, 0, 0, 255, 77, 0, 255, 255, 153]))

  it('of one value are black, not broken', () =>
    expect([...pixelImage([3, 3, 3, 3], [1, 2, 2]).pixels]).toEqual([0, 0, 0, 0]))
})

describe('mistakes are explained', () => {
  it.each([
    ['no curve', () => curveFigure([], { document })],
    ['x and y of different length', () => curveFigure([{ name: 'a', runs: [{ x: [1, 2], y: [1] }] }], { document })],
    ['a grid of the wrong size', () => heatmapFigure([1], [1], [1, 2], { document })],
    [
      'filters of the wrong size',
      () => filterGridFigure({ weights: Float32Array.of(1, 2), shape: [1, 1, 1, 1] }, { document }),
    ],
    ['no images', () => imageGridFigure([], { document })],
    ['a picture of two channels', () => pixelImage([1, 2], [2, 1, 1])],
    ['points of one dimension', () => scatterFigure([1, 2, 3], { document })],
    ['nothing finite', () => histogramFigure([{ name: 'w', values: [NaN] }], { document })],
  ])('%s', (_, act) => expect(act).toThrow(UserError))
})

it('runs of one seed are one curve in the mean over seeds', () => {
  const flat = (y: number, seed: number) => ({ x: [1, 2], y: [y, y + 1], seed })
  const draw = (...runs: ReturnType<typeof flat>[]) =>
    curveFigure([{ name: 'plain', runs }], { document, yDomain: [0, 6] })
  const thick = (svg: string) =>
    /<path d="([^"]+)"[^>]*stroke-width="2\.4"/.exec(svg)?.[1] ??
    /stroke-width="2\.4"[^>]*><path d="([^"]+)"/.exec(svg)?.[1]
  const [again, once] = [draw(flat(1, 1), flat(3, 1), flat(4, 2)), draw(flat(2, 1), flat(4, 2))]
  expect(thick(again)).toBeDefined()
  expect(thick(again)).toBe(thick(once))
  expect(again).toContain('plain (3 runs of 2 seeds)')
  expect(once).toContain('plain (2 seeds)')
  expect(draw(flat(1, 1), flat(3, 1))).toContain('plain (2 runs of one seed)')
})
