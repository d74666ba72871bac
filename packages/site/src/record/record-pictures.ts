// Makes the living pictures of the plan: trains, takes a picture at each evaluation, and keeps what a page shows of it.
// npm run pictures --workspace packages/site
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { experiments } from '@ddlf/course'
import { columnOf } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { findExperiment, parseSettings } from '@ddlf/lab'
import sharp from 'sharp'
import { trainingFilm } from './training-film.ts'

type Weights = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>

/** Values of one tile, side by side squares of `side`; what lies around 0 is paper. */
interface Tiles {
  readonly side: number
  readonly tiles: readonly ArrayLike<number>[]
}

interface LivingPicture {
  readonly folder: string
  readonly experiment: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Frames are as many as `steps / evaluateEvery`. */
  readonly shows: string
  readonly columns: number
  readonly rows: number
  readonly draw: (weights: Weights) => Tiles
}

const root = fileURLToPath(new URL('../../../../course/topics/', import.meta.url))
const firstOf = (weights: Weights, rank: number) => {
  const found = Object.values(weights).find(({ shape }) => shape.length === rank)
  if (!found) throw new Error(`No weights of rank ${rank}.`)
  return found
}

const slices = ({ data, shape }: ReturnType<typeof firstOf>): number[][] => {
  const size = shape.slice(1).reduce((product, length) => product * length, 1)
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => Array.from(data).slice(i * size, (i + 1) * size))
}

/** A picture of 28 x 28 as a map sees it: the window's products, summed, and what is below zero left out. */
function featureMap(picture: ArrayLike<number>, window: readonly number[]): number[] {
  const side = Math.sqrt(window.length)
  const out = 28
  const reach = (side - 1) / 2
  return Array.from({ length: out * out }, (_, at) => {
    const [y, x] = [Math.floor(at / out), at % out]
    const sum = window.reduce((total, weight, i) => {
      const [v, u] = [y + Math.floor(i / side) - reach, x + (i % side) - reach]
      const inside = v >= 0 && v < 28 && u >= 0 && u < 28
      return total + weight * (inside ? (picture[v * 28 + u] ?? 0) / 255 : 0)
    }, 0)
    return Math.max(0, sum)
  })
}

async function shoe(): Promise<ArrayLike<number>> {
  const test = await loadDataset('fashion-mnist', { split: 'test' })
  return columnOf(test, 'images').data.subarray(0, 784)
}

const pictures = async (): Promise<LivingPicture[]> => {
  const boot = await shoe()
  return [
    {
      folder: '01-mlp-on-mnist',
      experiment: 'mlp-on-mnist',
      shows: 'what 21 units of the first layer look for',
      settings: { hidden: [32], steps: 1600, evaluateEvery: 200, weightDecay: 0.0005, seed: 1 },
      columns: 7,
      rows: 3,
      draw: weights => ({ side: 28, tiles: slices(firstOf(weights, 2)) }),
    },
    {
      folder: '02-intro-level-cnn',
      experiment: 'fashion-two-convolutions',
      shows: 'what 21 maps see of a boot',
      settings: { steps: 800, evaluateEvery: 100, seed: 1 },
      columns: 7,
      rows: 3,
      draw: weights => ({ side: 28, tiles: slices(firstOf(weights, 4)).map(window => featureMap(boot, window)) }),
    },
  ]
}

const MORE = [209, 105, 28] as const
const LESS = [46, 116, 196] as const
const WHITE = 255

/** Tiles in rows on white, each scaled by its largest value: a page lays white over its paper, whatever its colour. */
function pixelsOf({ side, tiles }: Tiles, columns: number, rows: number): Uint8ClampedArray {
  const width = columns * (side + 1)
  const pixels = new Uint8ClampedArray(width * rows * (side + 1) * 3).fill(WHITE)
  tiles.slice(0, columns * rows).forEach((values, tile) => {
    const peak = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
    const [left, top] = [(tile % columns) * (side + 1), Math.floor(tile / columns) * (side + 1)]
    for (let i = 0; i < side * side; i++) {
      const share = (values[i] ?? 0) / peak
      const at = ((top + Math.floor(i / side)) * width + left + (i % side)) * 3
      const hue = share > 0 ? MORE : LESS
      pixels.set(
        hue.map(channel => WHITE + (channel - WHITE) * Math.abs(share)),
        at,
      )
    }
  })
  return pixels
}

async function record({
  folder,
  experiment: name,
  settings: given,
  shows,
  columns,
  rows,
  draw,
}: LivingPicture): Promise<void> {
  const experiment = findExperiment(experiments, name)
  const settings = parseSettings(experiment, given)
  const set = name.startsWith('mlp') ? 'mnist' : 'fashion-mnist'
  const [trainData, test] = [await loadDataset(set, { split: 'train' }), await loadDataset(set, { split: 'test' })]
  const frames: { pixels: Uint8ClampedArray; step: number; error: number; side: number }[] = []
  for await (const { step, checkpoint, measured } of trainingFilm(experiment, { settings, train: trainData, test })) {
    const error = measured('test/error')
    if (error === undefined) continue
    const tiles = draw(checkpoint.tensors)
    frames.push({ pixels: pixelsOf(tiles, columns, rows), step, error, side: tiles.side })
  }
  const last = frames.at(-1)
  if (!last) throw new Error(`${name} was not evaluated.`)
  const [width, height] = [columns * (last.side + 1), rows * (last.side + 1)]
  const out = join(root, folder, 'pictures')
  await mkdir(out, { recursive: true })
  const raw = { raw: { width, height, channels: 3 as const } }
  const webp = { quality: 50, effort: 6, smartSubsample: true }
  await writeFile(join(out, 'last.webp'), await sharp(last.pixels, raw).webp(webp).toBuffer())
  const strip = new Uint8ClampedArray(frames.length * width * height * 3)
  frames.forEach(({ pixels }, i) => strip.set(pixels, i * width * height * 3))
  const tall = { raw: { width, height: height * frames.length, channels: 3 as const } }
  await writeFile(join(out, 'frames.webp'), await sharp(strip, tall).webp(webp).toBuffer())
  const recorded = {
    experiment: name,
    settings: given,
    shows,
    width,
    height,
    steps: frames.map(({ step }) => step),
    testError: frames.map(({ error }) => error),
  }
  await writeFile(join(out, 'picture.json'), `${JSON.stringify(recorded)}\n`)
  console.log(`${folder}: ${frames.length} frames, ${JSON.stringify(recorded.testError)}`)
}

for (const picture of await pictures()) await record(picture)
