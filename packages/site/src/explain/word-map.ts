// The map of words: a cloud to turn, a word to search for, its true neighbours linked; arithmetic and drawing.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import type { MappedWords } from './word-map-data.ts'

/** What the reader has chosen. */
export interface WordMapState {
  readonly map: 'pca' | 'umap'
  readonly word: string
  /** Of the cloud about its upright axis, in steps of 5 degrees. */
  readonly turn: number
  /** How far it is tipped towards the reader, in the same steps. */
  readonly tip: number
}

export const WORD_MAP_START: WordMapState = { map: 'pca', word: 'war', turn: 6, tip: 3 }
/** Steps of a whole turn. */
export const TURNS = 72
export const MOST_TIP = 17
export const LONGEST_WORD = 24
/** Neighbours that are linked and named. */
const NEAR = 8
/** Words that are named without being asked for: the cloud needs some. */
const NAMED = 24

/** The number of a word as a reader types it; -1 where it has no vector here. */
export const wordNumber = ({ words }: MappedWords, word: string): number => words.indexOf(word.trim().toLowerCase())

/** The words whose vectors have the smallest angle to that of a word, the nearest first. */
export function neighboursOf({ vectors, words, size }: MappedWords, word: number, count = NEAR) {
  const own = vectors.subarray(word * size, (word + 1) * size)
  const cosine = (other: number) =>
    own.reduce((sum, value, d) => sum + value * (vectors[other * size + d] as number), 0)
  return words
    .map((text, id) => ({ id, text, similarity: cosine(id) }))
    .filter(({ id }) => id !== word)
    .sort((a, b) => b.similarity - a.similarity || a.id - b.id)
    .slice(0, count)
}

/** A place on the screen, within -1 to 1, and how near the reader it is. */
export type Place = readonly [x: number, y: number, depth: number]

/** Where each word lies, turned and tipped. */
export function placesOn({ pca, umap, words }: MappedWords, { map, turn, tip }: WordMapState): Place[] {
  if (map === 'umap') return words.map((_, i) => [umap[2 * i] as number, umap[2 * i + 1] as number, 1])
  const [a, b] = [turn, tip].map(steps => (2 * Math.PI * steps) / TURNS) as [number, number]
  return words.map((_, i) => {
    const [x, y, z] = [0, 1, 2].map(k => pca[3 * i + k] as number) as [number, number, number]
    const [right, ahead] = [x * Math.cos(a) + z * Math.sin(a), z * Math.cos(a) - x * Math.sin(a)]
    return [right, y * Math.cos(b) - ahead * Math.sin(b), ahead * Math.cos(b) + y * Math.sin(b)]
  })
}

/** Of a word's nearest, how many are among as many nearest on the map as it is shown. */
export function keptOnMap(mapped: MappedWords, state: WordMapState, word: number, count = NEAR): number {
  const places = placesOn(mapped, state)
  const [x, y] = places[word] as Place
  const onMap = places
    .map(([px, py], id) => ({ id, far: (px - x) ** 2 + (py - y) ** 2 }))
    .filter(({ id }) => id !== word)
    .sort((p, q) => p.far - q.far)
    .slice(0, count)
  const near = new Set(neighboursOf(mapped, word, count).map(({ id }) => id))
  return onMap.filter(({ id }) => near.has(id)).length
}

const HEIGHT = 380
const round = (value: number) => Math.round(value * 10) / 10

/** A name beside its dot. */
interface Named {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly kind: 'asked' | 'neighbour' | 'other'
}

/** Names that stand on each other are left out: of two the one that comes first. */
function drawNames(names: readonly Named[]): string {
  const taken: (readonly [left: number, top: number, right: number])[] = []
  return names.map(({ text, x, y, kind }) => {
    const [left, right] = [x + 6, x + 6 + 7.2 * text.length]
    const isFree = taken.every(([l, t, r]) => right < l || left > r || Math.abs(y - t) > 14)
    if (!isFree && kind !== 'asked') return ''
    taken.push([left, y, right])
    return `<text class="${kind}" x="${round(left)}" y="${round(y + 4)}">${escapeMarkup(text)}</text>`
  }).join('')
}

/** @param width pixels of the page's place for it */
export function drawWordMap(mapped: MappedWords, state: WordMapState, width: number): string {
  const places = placesOn(mapped, state)
  const scale = Math.min(width - 80, HEIGHT) / 2 - 10
  const at = (i: number): readonly [number, number] => {
    const [x, y] = places[i] as Place
    return [width / 2 - 20 + x * scale * Math.min(1.5, width / HEIGHT), HEIGHT / 2 - y * scale]
  }
  // Three shades by depth; a round end of a line without length is a dot. From left to right, in whole pixels from dot
  // to dot: a thousand of them weigh little.
  const layers = ['far', 'middle', 'near'].map((layer, k) => {
    const isIn = ([, , depth]: Place) => Math.min(2, Math.max(0, Math.floor(1.5 * (depth + 1)))) === k
    const within = places.flatMap((place, i) => (isIn(place) ? [i] : []))
    let [left, top] = [0, 0]
    const pixels = within.map(i => at(i).map(Math.round) as [number, number]).sort((a, b) => a[0] - b[0])
    const dots = pixels.map(([x, y]) => {
      const move = `m${x - left}${y < top ? '' : ' '}${y - top}h0`
      ;[left, top] = [x, y]
      return move
    })
    return `<path class="dots ${layer}" d="${dots.join('')}"/>`
  })
  const word = wordNumber(mapped, state.word)
  const near = word < 0 ? [] : neighboursOf(mapped, word)
  const links = near.map(({ id }) => `M${at(word).map(round).join(' ')}L${at(id).map(round).join(' ')}`).join('')
  const name = (id: number, kind: Named['kind']): Named =>
    ({ text: mapped.words[id] as string, x: at(id)[0], y: at(id)[1], kind })
  const step = Math.max(1, Math.floor(mapped.words.length / NAMED))
  const names = drawNames([
    ...(word < 0 ? [] : [name(word, 'asked')]),
    ...near.map(({ id }) => name(id, 'neighbour')),
    ...Array.from({ length: NAMED }, (_, k) => name(Math.min(k * step, mapped.words.length - 1), 'other')),
  ])
  const dot = (id: number, kind: string) =>
    `<circle class="${kind}" cx="${round(at(id)[0])}" cy="${round(at(id)[1])}" r="4"/>`
  const marks = near.map(({ id }) => dot(id, 'neighbour')).join('') + (word < 0 ? '' : dot(word, 'asked'))
  const label = escapeMarkup(saidOfWordMap(mapped, state))
  return `<svg class="chart word-map" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${label}">` +
    `${layers.join('')}<path class="links" d="${links}"/>${marks}${names}</svg>`
}

/** What the figure shows, in words. */
export function saidOfWordMap(mapped: MappedWords, state: WordMapState): string {
  const word = wordNumber(mapped, state.word)
  if (state.word.trim() === '') return `${mapped.words.length} words of speeches. Type one.`
  if (word < 0) return `“${state.word.trim()}” is none of the ${mapped.words.length} words of this map.`
  const near = neighboursOf(mapped, word)
  const listed = near.map(({ text, similarity }) => `${text} ${similarity.toFixed(2)}`).join(', ')
  const kept = keptOnMap(mapped, state, word)
  return `Near “${mapped.words[word] as string}”: ${listed}. ` +
    `Of these ${near.length}, ${kept} are among the ${near.length} nearest on this map.`
}
