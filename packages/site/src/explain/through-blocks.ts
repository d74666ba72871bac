// A picture on its way through blocks that nobody has trained, plain and with shortcuts: arithmetic and drawing.
import { normals, randomKey } from '@ddlf/tensor/random'
import { PICTURE, SEVEN } from './window.ts'

/** What the reader has chosen, and how many blocks the picture has passed. */
export interface BlocksState {
  /** What the numbers of a block, normalised, are multiplied by before they are added. */
  readonly share: number
  readonly step: number
}

export const BLOCKS = 12
export const BLOCKS_START: BlocksState = { share: 0.3, step: 6 }
const CHANNELS = 4
const AREA = PICTURE * PICTURE
const EPSILON = 1e-5

/** Maps, [CHANNELS][AREA]. */
type Maps = readonly Float64Array[]

/** Of each pixel its 3x3 neighbours, row by row; -1 outside. */
const NEIGHBOURS = Int32Array.from({ length: AREA * 9 }, (_, i) => {
  const [at, k] = [Math.floor(i / 9), i % 9]
  const [y, x] = [Math.floor(at / PICTURE) + Math.floor(k / 3) - 1, (at % PICTURE) + (k % 3) - 1]
  return y < 0 || x < 0 || y >= PICTURE || x >= PICTURE ? -1 : y * PICTURE + x
})
/** Of each layer, [to][from][9]. */
const WEIGHTS = Array.from({ length: 2 * BLOCKS }, (_, layer) =>
  normals(randomKey(3, 'blocks', layer), CHANNELS * CHANNELS * 9))

/** A 3x3 convolution with random weights and zeros around, each map brought to mean 0 and deviation 1. */
function layer(maps: Maps, number: number): Float64Array[] {
  const weights = WEIGHTS[number] ?? []
  return maps.map((_, to) => {
    const sums = new Float64Array(AREA)
    maps.forEach((map, from) => {
      for (let i = 0; i < NEIGHBOURS.length; i++) {
        const [at, neighbour] = [Math.floor(i / 9), NEIGHBOURS[i] ?? -1]
        if (neighbour >= 0)
          sums[at] = (sums[at] ?? 0) + (map[neighbour] ?? 0) * (weights[(to * CHANNELS + from) * 9 + (i % 9)] ?? 0)
      }
    })
    const mean = sums.reduce((a, b) => a + b, 0) / AREA
    const deviation = Math.sqrt(sums.reduce((all, value) => all + (value - mean) ** 2, 0) / AREA + EPSILON)
    return sums.map(value => (value - mean) / deviation)
  })
}

const relu = (maps: Maps) => maps.map(map => map.map(value => Math.max(0, value)))

/** Maps that were computed before: a block more is a block of work. */
const known = new Map<string, Maps>()

/** The maps after so many blocks of two layers. */
function mapsAfter(blocks: number, shortcuts: boolean, share: number): Maps {
  if (blocks === 0) return Array.from({ length: CHANNELS }, () => Float64Array.from(SEVEN))
  const key = [blocks, shortcuts ? share : 'plain'].join(' ')
  const before = known.get(key)
  if (before) return before
  const x = mapsAfter(blocks - 1, shortcuts, share)
  const f = layer(relu(layer(x, 2 * blocks - 2)), 2 * blocks - 1)
  const maps = relu(shortcuts ? x.map((map, c) => map.map((value, i) => value + share * (f[c]?.[i] ?? 0))) : f)
  known.set(key, maps)
  return maps
}

/** The mean of the maps, pixel by pixel. */
export function pictureAfter(blocks: number, shortcuts: boolean, share: number): readonly number[] {
  const maps = mapsAfter(blocks, shortcuts, share)
  return Array.from({ length: AREA }, (_, i) => maps.reduce((sum, map) => sum + (map[i] ?? 0), 0) / CHANNELS)
}

/** Pearson's correlation of two pictures: 1 the same but for size, 0 nothing of it. */
export function likeness(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [middleA, middleB] = [mean(a), mean(b)]
  const dot = (p: readonly number[], pm: number, q: readonly number[], qm: number) =>
    p.reduce((sum, value, i) => sum + (value - pm) * ((q[i] ?? 0) - qm), 0)
  const size = Math.sqrt(dot(a, middleA, a, middleA) * dot(b, middleB, b, middleB))
  return size === 0 ? 0 : dot(a, middleA, b, middleB) / size
}

const TOP = 20
const DEPTHS = 16

function grid(picture: readonly number[], left: number, cell: number, title: string): string {
  const side = PICTURE * cell
  const most = Math.max(...picture, 1e-9)
  // Cells of one depth are one path: a drawing stays small.
  const byDepth = new Map<number, string>()
  picture.forEach((value, at) => {
    const depth = Math.round((DEPTHS * value) / most)
    if (depth < 1) return
    const [x, y] = [left + (at % PICTURE) * cell, TOP + Math.floor(at / PICTURE) * cell]
    byDepth.set(depth, `${byDepth.get(depth) ?? ''}M${x} ${y}h${cell}v${cell}h-${cell}z`)
  })
  const cells = [...byDepth].map(
    ([depth, path]) => `<path class="ink" fill-opacity="${(depth / DEPTHS).toFixed(2)}" d="${path}"/>`,
  )
  return (
    `<text class="title" x="${left}" y="13">${title}</text>${cells.join('')}` +
    `<rect class="frame" x="${left}" y="${TOP}" width="${side}" height="${side}"/>`
  )
}

/**
 * The picture, and what is left of it behind plain blocks and behind blocks with shortcuts.
 * @param narrow on a phone
 */
export function drawBlocks(state: BlocksState, narrow = false): string {
  const { share, step } = state
  const [cell, gap] = narrow ? [8, 7] : [11, 30]
  const side = PICTURE * cell
  return (
    `<svg class="chart window" viewBox="0 0 ${3 * side + 2 * gap} ${TOP + side + 4}" role="img" ` +
    `aria-label="${saidOfBlocks(state)}">${grid(SEVEN, 0, cell, 'the picture')}` +
    grid(pictureAfter(step, false, share), side + gap, cell, 'plain blocks') +
    `${grid(pictureAfter(step, true, share), 2 * (side + gap), cell, 'with shortcuts')}</svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfBlocks({ share, step }: BlocksState): string {
  const [plain, short] = [false, true].map(shortcuts => likeness(SEVEN, pictureAfter(step, shortcuts, share))) as [
    number, number,
  ]
  const told = (value: number) => Number(value.toFixed(2))
  const said = `Its likeness to the 7: ${told(plain)} behind plain blocks`
  const so = step === 0 ? 'Nothing has happened to it yet.' : said
  return (
    `After ${step} block${step === 1 ? '' : 's'} of two layers. ` +
    (step === 0 ? so : `${so}, ${told(short)} with shortcuts. 1 is the same picture, 0 nothing of it.`)
  )
}
