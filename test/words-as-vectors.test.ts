// What the pages of Days 11-12 compute: the map of words and its neighbours, and vectors that learn in the page.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nearestTokens } from '@ddlf/lab'
import { readWordMap } from '../packages/site/src/explain/word-map-data.ts'
import {
  drawWordMap, keptOnMap, neighboursOf, placesOn, saidOfWordMap, wordNumber, WORD_MAP_START,
} from '../packages/site/src/explain/word-map.ts'
import { learningWords } from '../packages/site/src/workers/learning-words.ts'

const file = readFileSync(new URL('../packages/site/src/explain/word-map.json', import.meta.url), 'utf8')
const mapped = readWordMap(JSON.parse(file))
const state = WORD_MAP_START

describe('the map of words', () => {
  it('has a vector and two places for each word, and lists the neighbours that the lab finds', () => {
    expect(mapped.vectors.length).toBe(mapped.words.length * mapped.size)
    expect(mapped.pca.length).toBe(3 * mapped.words.length)
    expect(mapped.umap.length).toBe(2 * mapped.words.length)
    const word = wordNumber(mapped, ' War ')
    expect(mapped.words[word]).toBe('war')
    const near = nearestTokens(mapped.vectors, mapped.words.length, word, 8)
    const found = neighboursOf(mapped, word)
    expect(found.map(({ id }) => id)).toEqual(near.map(({ id }) => id))
    found.forEach(({ similarity }, i) => expect(similarity).toBeCloseTo(near[i]!.similarity, 5))
  })
  it('turns as a whole: no place leaves its distance from the middle', () => {
    const far = (turn: number, tip: number) =>
      placesOn(mapped, { ...state, turn, tip }).map(place => Math.hypot(...place))
    far(0, 0).forEach((distance, i) => expect(far(17, -9)[i]).toBeCloseTo(distance, 5))
  })
  it('counts what a map keeps of the true neighbours, as was recorded over all words', () => {
    const flat = { ...state, map: 'umap' as const, turn: 0, tip: 0 }
    const some = Array.from({ length: 60 }, (_, k) => k * 15)
    const kept = some.reduce((sum, word) => sum + keptOnMap(mapped, flat, word, 10), 0) / (10 * some.length)
    expect(Math.abs(kept - mapped.kept.umap)).toBeLessThan(0.12)
  })
  it('is drawn with links to eight neighbours, and says what is not there', () => {
    expect(drawWordMap(mapped, state, 320).match(/class="neighbour" cx/g)).toHaveLength(8)
    expect(drawWordMap(mapped, { ...state, word: '<b>' }, 600)).not.toMatch(/NaN|<b>|class="asked"/)
    expect(saidOfWordMap(mapped, { ...state, word: 'qqq' })).toContain('none of the')
    expect(saidOfWordMap(mapped, { ...state, word: '' })).toContain('Type one')
    expect(saidOfWordMap(mapped, state)).toMatch(/near “war”: .* \d\.\d\d, .* of these 8, \d are among the 8/i)
  })
})

it('learns words in the page: who stands together comes near, and unknown words are told', () => {
  // Sixty words of glue, then two circles that never meet.
  const words = [...Array.from({ length: 60 }, (_, k) => `glue${k}`), ...'ship sea sail field wheat plough'.split(' ')]
  const texts = Array.from({ length: 200 }, (_, k) => {
    const circle = k % 2 === 0 ? [60, 61, 62] : [63, 64, 65]
    return Array.from({ length: 20 }, (_unused, i) => (i % 4 === 3 ? (k + i) % 60 : circle[i % 3]!))
  })
  const lengths = texts.map(text => text.length)
  const vectors = learningWords({ words, lengths, tokens: Int32Array.from(texts.flat()) })
  for (let pass = 0; pass < 20; pass++) vectors.learn()
  expect(vectors.read).toBeGreaterThan(50_000)
  expect(vectors.near('Wheat')?.slice(0, 2).map(({ word }) => word).toSorted()).toEqual(['field', 'plough'])
  expect(vectors.near('nowhere')).toBeUndefined()
})
