// The arithmetic of the figures of Days 7-10: gradients through depth, pictures through blocks, running statistics,
// schedules.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normals, randomKey } from '@ddlf/tensor/random'
import {
  drawGradient, GRADIENT_START, gradientInput, gradientSizes, netOf, saidOfGradient,
} from '../packages/site/src/explain/gradient-by-depth.ts'
import { gradientNormsSchema } from '../packages/site/src/explain/gradient-norms.ts'
import {
  batchMeans, drawRunning, RUNNING_START, runningMeans, saidOfRunning, trueMean,
} from '../packages/site/src/explain/running-statistics.ts'
import {
  drawSchedule, lossesUnder, saidOfSchedule, SCHEDULE_START, SCHEDULE_STEPS, SCHEDULES, shareAt,
} from '../packages/site/src/explain/schedules.ts'
import {
  BLOCKS_START, drawBlocks, likeness, pictureAfter, saidOfBlocks,
} from '../packages/site/src/explain/through-blocks.ts'
import { SEVEN } from '../packages/site/src/explain/window.ts'

describe('a gradient on its way back through layers', () => {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
  it.each([[false, false], [false, true], [true, false], [true, true]])(
    'is the derivative, by differences (batch norm: %s, shortcuts: %s)',
    (norm, shortcuts) => {
      const net = netOf({ depth: 20, scale: 1, norm }, shortcuts)
      const x = gradientInput()
      const last = Float64Array.from(normals(randomKey(2, 'last'), x.length))
      const way = Float64Array.from(normals(randomKey(2, 'way'), x.length))
      const { gradients } = net(x, last)
      const size = 1e-6
      const at = (sign: number) => dot(net(x.map((value, i) => value + sign * size * (way[i] ?? 0)), last).output, last)
      const slope = (at(1) - at(-1)) / (2 * size)
      expect(dot(gradients.at(-1)!, way) / slope).toBeCloseTo(1, 3)
    },
  )
  it('fades in a plain net of small weights, bursts in a normalised one, and does neither with shortcuts', () => {
    const at = (norm: boolean, shortcuts: boolean) => gradientSizes({ depth: 56, scale: 0.8, norm }, shortcuts).at(-1)!
    expect(at(false, false)).toBeLessThan(1e-4)
    expect(at(true, false)).toBeGreaterThan(1e4)
    expect(at(true, true)).toBeLessThan(100)
    expect(saidOfGradient({ ...GRADIENT_START, norm: true })).toContain('It bursts.')
    for (const state of [GRADIENT_START, { ...GRADIENT_START, step: 0 }])
      expect(drawGradient(state, 350)).not.toMatch(/NaN|Infinity/)
  })
})

it('was measured on real nets: only the deep plain one would move its first layer thousands of times as far', () => {
  const file = new URL('../packages/site/src/explain/gradient-norms.json', import.meta.url)
  const { nets } = gradientNormsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const ratio = (name: string) => {
    const norms = nets.find(one => one.name === name)?.norms ?? []
    return norms[0]! / norms.at(-1)!
  }
  expect(nets.map(({ norms }) => norms.length)).toEqual([19, 19, 55, 55])
  expect(ratio('plain-56')).toBeGreaterThan(1000)
  expect(Math.max(ratio('plain-20'), ratio('ResNet-20'), ratio('ResNet-56'))).toBeLessThan(100)
})

describe('a picture on its way through blocks', () => {
  it('is what it was behind none, and behind shortcuts that add nothing', () => {
    expect(likeness(SEVEN, pictureAfter(0, false, 1))).toBeCloseTo(1, 9)
    expect(likeness(SEVEN, pictureAfter(12, true, 0))).toBeCloseTo(1, 9)
  })
  it('is lost behind six plain blocks and not behind six with shortcuts', () => {
    expect(Math.abs(likeness(SEVEN, pictureAfter(6, false, 0.3)))).toBeLessThan(0.3)
    expect(likeness(SEVEN, pictureAfter(6, true, 0.3))).toBeGreaterThan(0.5)
    expect(saidOfBlocks(BLOCKS_START)).toContain('After 6 blocks')
    expect(drawBlocks(BLOCKS_START).length).toBeLessThan(25_000)
  })
})

describe('running statistics', () => {
  it('are the batch itself at a momentum of 1, and an average that weighs old batches less below', () => {
    expect(runningMeans({ batch: 8, momentum: 1 }).slice(1)).toEqual(batchMeans(8))
    const [first, second] = batchMeans(8) as [number, number]
    expect(runningMeans({ batch: 8, momentum: 0.1 })[2]).toBeCloseTo(0.9 * 0.1 * first + 0.1 * second, 12)
  })
  it('come to the true mean, the nearer the larger the batch', () => {
    const off = (batch: number) => Math.abs(runningMeans({ batch, momentum: 0.1 }).at(-1)! - trueMean(60))
    expect(off(64)).toBeLessThan(0.2)
    expect(saidOfRunning({ ...RUNNING_START, momentum: 0.01 })).toContain('too slowly')
    expect(drawRunning({ ...RUNNING_START, step: 0 }, 350)).not.toMatch(/NaN|Infinity/)
  })
})

describe('schedules of the learning rate', () => {
  it('begin and end where they should', () => {
    const ends = SCHEDULES.map(name => [shareAt(name, 0), shareAt(name, SCHEDULE_STEPS)])
    expect(ends).toEqual([[1, 1], [1, 0.01], [1, expect.closeTo(0, 9)], [0.04, expect.closeTo(0, 9)]])
    expect([149, 150, 225].map(step => shareAt('steps', step))).toEqual([1, 0.1, 0.01])
  })
  it('take the noise out of the end where the rate falls', () => {
    const end = (schedule: (typeof SCHEDULES)[number], rate: number) => lossesUnder({ schedule, rate }).at(-1)!
    expect(end('steps', 1)).toBeLessThan(end('constant', 1) / 2)
    // A small rate from the start has not come along the flat direction.
    expect(end('cosine', 0.1)).toBeGreaterThan(end('cosine', 1) * 5)
    expect(saidOfSchedule(SCHEDULE_START)).toMatch(/^Step 300: the rate is 0\.005/)
    expect(drawSchedule({ ...SCHEDULE_START, step: 0 }, 350)).not.toMatch(/NaN|Infinity/)
  })
})
