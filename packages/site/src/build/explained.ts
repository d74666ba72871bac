// What an explaining figure is in a page before it comes to life: its first frame, its words, its sliders.
import { ATTEND_START, ATTEND_WORDS, drawAttend, saidOfAttend } from '../explain/attend.ts'
import { BACKWARD_START, BACKWARD_STEPS, drawBackward, saidOfBackward } from '../explain/backward.ts'
import gptHeads from '../explain/gpt-heads.json' with { type: 'json' }
import { gptHeadsSchema } from '../explain/gpt-heads.ts'
import { drawHeads, headsStart, saidOfHeads } from '../explain/head-weights.ts'
import { drawRoot, ROOT_START, ROOT_STEPS, saidOfRoot } from '../explain/root.ts'
import words from '../explain/review-words.json' with { type: 'json' }
import { reviewWordsSchema } from '../explain/review-words-data.ts'
import { drawStrikeWords, saidOfStrikeWords, strikeStart } from '../explain/strike-words.ts'
import { STEPS } from '../explain/descent.ts'
import { drawTemperature, LETTERS_DRAWN, saidOfTemperature, TEMPERATURE_START } from '../explain/temperature.ts'
import { drawThroughTime, saidOfThroughTime, STEPS_BACK, THROUGH_TIME_START } from '../explain/through-time.ts'
import { BOUNDARY_START, BOUNDARY_STEPS, drawBoundary, saidOfBoundary } from '../explain/boundary.ts'
import { DEPTH_LAYERS, DEPTH_START, drawDepth, saidOfDepth } from '../explain/depth-histogram.ts'
import { drawGradient, GRADIENT_DEPTHS, GRADIENT_START, saidOfGradient } from '../explain/gradient-by-depth.ts'
import { drawMerges, lastMerge, LONGEST_TEXT, MERGES_START, saidOfMerges } from '../explain/merges.ts'
import { drawRunning, RUNNING_START, RUNNING_STEPS, saidOfRunning } from '../explain/running-statistics.ts'
import {
  drawSchedule, saidOfSchedule, SCHEDULE_START, SCHEDULE_STEPS, SCHEDULES,
} from '../explain/schedules.ts'
import { BLOCKS, BLOCKS_START, drawBlocks, saidOfBlocks } from '../explain/through-blocks.ts'
import { drawValley, saidOfValley, VALLEY_START } from '../explain/valley.ts'
import wordVectors from '../explain/word-map.json' with { type: 'json' }
import { readWordMap } from '../explain/word-map-data.ts'
import { drawWordMap, LONGEST_WORD, saidOfWordMap, TURNS, WORD_MAP_START } from '../explain/word-map.ts'
import { drawWindow, KERNEL_NAMES, saidOfWindow, WINDOW_LAST, WINDOW_START } from '../explain/window.ts'

import { drawField, FIELD_RANGES, FIELD_START, fieldLayers, saidOfField } from '../explain/field.ts'
import { drawPooling, POOLING_LAST, POOLING_START, saidOfPooling } from '../explain/pooling.ts'
import { drawShifted, MOST_MOVED, saidOfShifted, SHIFTED_START } from '../explain/shifted.ts'
import { drawSizes, lastPlace, saidOfSizes, SIZES_RANGES, SIZES_START } from '../explain/sizes.ts'
import { shiftedReaders } from './lenet-figure.ts'
import { namesNet } from './names-figure.ts'

/** A slider of a figure; its name is that of the state's value. */
export interface FigureSlider {
  readonly name: string
  readonly title: string
  readonly min: number
  readonly max: number
  readonly step: number
  readonly value: number
}

/** One of few, as radio buttons; its name is that of the state's value. */
export interface FigureChoice {
  readonly name: string
  readonly title: string
  /** Value and words. */
  readonly options: readonly (readonly [value: string, words: string])[]
  readonly value: string
}

/** A text of the reader's own. */
export interface FigureText {
  readonly title: string
  readonly value: string
  readonly longest: number
}

export interface Explained {
  /** The first frame; undefined where the figure has a surface of its own. */
  readonly frame: string | undefined
  readonly said: string
  /** What the arrow keys and the pointer move on the surface; undefined: nothing. */
  readonly moves: string | undefined
  readonly sliders: readonly FigureSlider[]
  /** Choices that the figure fills when it comes to life: a part and its title. */
  readonly fieldsets?: readonly (readonly [part: string, title: string])[]
  readonly choices?: readonly FigureChoice[]
  readonly text?: FigureText
  /** The player's range, where it begins, and what it moves. */
  readonly scrub: { readonly max: number; readonly value: number; readonly label: string }
}

const reviewWords = reviewWordsSchema.parse(words)
const gptRecord = gptHeadsSchema.parse(gptHeads)
const WIDTH = 608
const mappedWords = readWordMap(wordVectors)
const number = (name: 'x' | 'w' | 'b' | 'y', title: string): FigureSlider => ({
  name,
  title,
  min: -3,
  max: 3,
  step: 0.1,
  value: BACKWARD_START[name],
})

/** The explaining figures by name. */
export const explained = {
  'digit-under-weights': {
    frame: undefined,
    said: '',
    moves: 'The digit. The arrow keys move it by a pixel.',
    sliders: [],
    fieldsets: [['digits', 'The digit'], ['units', 'Weights that speak for']],
    scrub: { max: 16, value: 8, label: 'Moved to the right' },
  },
  'strike-words': {
    frame: drawStrikeWords(reviewWords, strikeStart(reviewWords)),
    said: saidOfStrikeWords(reviewWords, strikeStart(reviewWords)),
    moves: undefined,
    sliders: [],
    fieldsets: [['sentence', 'The sentence']],
    choices: [
      {
        name: 'model',
        title: 'Whose bars',
        options: reviewWords.models.map(({ name }, i) => [String(i), name] as const),
        value: '0',
      },
    ],
    scrub: { max: strikeStart(reviewWords).step, value: strikeStart(reviewWords).step, label: 'Words read' },
  },
  attend: {
    frame: drawAttend(ATTEND_START, WIDTH),
    said: saidOfAttend(ATTEND_START),
    moves: 'The query of the word that asks. The arrow keys move it.',
    sliders: [],
    choices: [
      {
        name: 'mask',
        title: 'Later words',
        options: [
          ['on', 'hidden'],
          ['off', 'seen'],
        ],
        value: ATTEND_START.mask,
      },
    ],
    scrub: { max: ATTEND_WORDS - 1, value: ATTEND_START.step, label: 'The word that asks' },
  },
  root: {
    frame: drawRoot(ROOT_START, WIDTH),
    said: saidOfRoot(ROOT_START),
    moves: undefined,
    sliders: [],
    choices: [
      {
        name: 'division',
        title: 'Scores',
        options: [
          ['none', 'as they are'],
          ['root', 'divided by the root of the width'],
        ],
        value: ROOT_START.division,
      },
    ],
    scrub: { max: ROOT_STEPS, value: ROOT_START.step, label: 'Width, as a power of two' },
  },
  heads: {
    frame: drawHeads(gptRecord, headsStart(gptRecord)),
    said: saidOfHeads(gptRecord, headsStart(gptRecord)),
    moves: undefined,
    sliders: [
      { name: 'layer', title: 'Layer', min: 1, max: gptRecord.layers, step: 1, value: 1 },
      { name: 'head', title: 'Head', min: 1, max: gptRecord.heads, step: 1, value: 1 },
    ],
    scrub: { max: gptRecord.text.length - 1, value: headsStart(gptRecord).step, label: 'The letter that asks' },
  },
  valley: {
    frame: drawValley(VALLEY_START, WIDTH),
    said: saidOfValley(VALLEY_START),
    moves: 'The start of the path. The arrow keys move it.',
    sliders: [
      { name: 'rate', title: 'Learning rate', min: 0.02, max: 2.6, step: 0.02, value: VALLEY_START.rate },
      { name: 'momentum', title: 'Momentum', min: 0, max: 0.95, step: 0.05, value: VALLEY_START.momentum },
    ],
    scrub: { max: STEPS, value: VALLEY_START.step, label: 'Step' },
  },
  backward: {
    frame: drawBackward({ ...BACKWARD_START, step: BACKWARD_STEPS }),
    said: saidOfBackward({ ...BACKWARD_START, step: BACKWARD_STEPS }),
    moves: undefined,
    sliders: [
      number('x', 'Input x'),
      number('w', 'Weight w'),
      number('b', 'Bias b'),
      number('y', 'What it should be, y'),
    ],
    scrub: { max: BACKWARD_STEPS, value: BACKWARD_STEPS, label: 'Step' },
  },
  temperature: {
    frame: drawTemperature(namesNet, TEMPERATURE_START, WIDTH),
    said: saidOfTemperature(namesNet, TEMPERATURE_START),
    moves: undefined,
    sliders: [
      {
        name: 'temperature', title: 'Temperature', min: 0.1, max: 3, step: 0.1, value: TEMPERATURE_START.temperature,
      },
    ],
    scrub: { max: LETTERS_DRAWN, value: TEMPERATURE_START.step, label: 'Letters written' },
  },
  'through-time': {
    frame: drawThroughTime(THROUGH_TIME_START, WIDTH),
    said: saidOfThroughTime(THROUGH_TIME_START),
    moves: undefined,
    sliders: [
      { name: 'weight', title: 'Weight w', min: 0.2, max: 2, step: 0.05, value: THROUGH_TIME_START.weight },
      { name: 'input', title: 'Strength of inputs', min: 0, max: 2, step: 0.05, value: THROUGH_TIME_START.input },
      { name: 'gate', title: 'Gate f of the cell', min: 0.5, max: 1, step: 0.01, value: THROUGH_TIME_START.gate },
    ],
    scrub: { max: STEPS_BACK, value: THROUGH_TIME_START.step, label: 'Steps back' },
  },
  boundary: {
    frame: drawBoundary(BOUNDARY_START, WIDTH),
    said: saidOfBoundary(BOUNDARY_START),
    moves: 'A point that belongs inside. The arrow keys move it.',
    sliders: [{ name: 'units', title: 'Hidden units', min: 1, max: 8, step: 1, value: BOUNDARY_START.units }],
    choices: [
      {
        name: 'activation',
        title: 'Activation',
        options: [
          ['relu', 'ReLU'],
          ['none', 'none'],
        ],
        value: BOUNDARY_START.activation,
      },
    ],
    scrub: { max: BOUNDARY_STEPS, value: BOUNDARY_START.step, label: 'Training' },
  },
  window: {
    frame: drawWindow(WINDOW_START),
    said: saidOfWindow(WINDOW_START),
    moves: 'The window. The arrow keys move it.',
    sliders: [],
    choices: [
      {
        name: 'kernel',
        title: 'The nine weights',
        options: KERNEL_NAMES.map(name => [name, name] as const),
        value: WINDOW_START.kernel,
      },
      {
        name: 'pointer',
        title: 'The pointer',
        options: [
          ['window', 'moves the window'],
          ['pen', 'draws a picture of your own (on the keyboard: Space)'],
        ],
        value: 'window',
      },
    ],
    scrub: { max: WINDOW_LAST, value: WINDOW_START.step, label: 'Place, row by row' },
  },
  sizes: {
    frame: drawSizes(SIZES_START),
    said: saidOfSizes(SIZES_START),
    moves: undefined,
    sliders: (
      [['size', 'Picture, pixels'], ['kernel', 'Window'], ['stride', 'Stride'], ['padding', 'Padding']] as const
    ).map(([name, title]) => {
      const [min, max] = SIZES_RANGES[name]
      return { name, title, min, max, step: 1, value: SIZES_START[name] }
    }),
    scrub: { max: lastPlace(SIZES_START), value: SIZES_START.step, label: 'Place, row by row' },
  },
  pooling: {
    frame: drawPooling(POOLING_START),
    said: saidOfPooling(POOLING_START),
    moves: undefined,
    sliders: [{ name: 'value', title: 'The ringed pixel', min: 0, max: 9, step: 1, value: POOLING_START.value }],
    choices: [
      {
        name: 'kind',
        title: 'What is kept',
        options: [
          ['largest', 'the largest of 2 by 2'],
          ['average', 'the average of 2 by 2'],
          ['overlapping', 'the largest of 3 by 3, overlapping'],
        ],
        value: POOLING_START.kind,
      },
    ],
    scrub: { max: POOLING_LAST, value: POOLING_START.step, label: 'Four windows forwards, four backwards' },
  },
  field: {
    frame: drawField(FIELD_START, WIDTH),
    said: saidOfField(FIELD_START),
    moves: undefined,
    sliders: (['kernel', 'layers'] as const).map(name => {
      const [min, max] = FIELD_RANGES[name]
      const title = { kernel: 'Window', layers: 'Convolutions' }[name]
      return { name, title, min, max, step: 1, value: FIELD_START[name] }
    }),
    choices: [
      {
        name: 'pool',
        title: 'Pooling by two',
        options: [
          ['none', 'none'],
          ['two', 'behind every second convolution'],
        ],
        value: FIELD_START.pool,
      },
    ],
    scrub: { max: fieldLayers(FIELD_START).length, value: FIELD_START.step, label: 'Layers back from the output' },
  },
  shifted: {
    frame: drawShifted(shiftedReaders, SHIFTED_START),
    said: saidOfShifted(shiftedReaders, SHIFTED_START),
    moves: 'The digit. The arrow keys move it by a pixel.',
    sliders: [],
    choices: [
      {
        name: 'digit',
        title: 'The digit',
        options: Array.from({ length: 10 }, (_, digit) => [String(digit), String(digit)] as const),
        value: String(SHIFTED_START.digit),
      },
    ],
    scrub: { max: 2 * MOST_MOVED, value: SHIFTED_START.right + MOST_MOVED, label: 'Moved to the right' },
  },
  depth: {
    frame: drawDepth(DEPTH_START, WIDTH),
    said: saidOfDepth(DEPTH_START),
    moves: undefined,
    sliders: [
      { name: 'scale', title: 'Size of the weights', min: 0.4, max: 2, step: 0.1, value: DEPTH_START.scale },
    ],
    choices: [
      {
        name: 'activation',
        title: 'Activation',
        options: [
          ['relu', 'ReLU'],
          ['tanh', 'tanh'],
        ],
        value: DEPTH_START.activation,
      },
      {
        name: 'norm',
        title: 'Batch normalisation',
        options: [
          ['without', 'without'],
          ['with', 'in every layer'],
        ],
        value: 'without',
      },
    ],
    scrub: { max: DEPTH_LAYERS, value: DEPTH_START.step, label: 'Layer' },
  },
  'through-blocks': {
    frame: drawBlocks(BLOCKS_START),
    said: saidOfBlocks(BLOCKS_START),
    moves: undefined,
    sliders: [
      { name: 'share', title: 'How much a block adds', min: 0, max: 1, step: 0.1, value: BLOCKS_START.share },
    ],
    scrub: { max: BLOCKS, value: BLOCKS_START.step, label: 'Blocks' },
  },
  'gradient-by-depth': {
    frame: drawGradient(GRADIENT_START, WIDTH),
    said: saidOfGradient(GRADIENT_START),
    moves: undefined,
    sliders: [
      { name: 'scale', title: 'Size of the weights', min: 0.4, max: 1.4, step: 0.1, value: GRADIENT_START.scale },
    ],
    choices: [
      {
        name: 'depth',
        title: 'Layers',
        options: GRADIENT_DEPTHS.map(depth => [String(depth), String(depth)] as const),
        value: String(GRADIENT_START.depth),
      },
      {
        name: 'norm',
        title: 'Batch normalisation',
        options: [['without', 'without'], ['with', 'in every layer']],
        value: 'without',
      },
    ],
    scrub: { max: GRADIENT_START.depth / 2, value: GRADIENT_START.step, label: 'Blocks back' },
  },
  'running-statistics': {
    frame: drawRunning(RUNNING_START, WIDTH),
    said: saidOfRunning(RUNNING_START),
    moves: undefined,
    sliders: [
      { name: 'batch', title: 'Examples a batch', min: 2, max: 64, step: 1, value: RUNNING_START.batch },
      { name: 'momentum', title: 'Momentum', min: 0.01, max: 1, step: 0.01, value: RUNNING_START.momentum },
    ],
    scrub: { max: RUNNING_STEPS, value: RUNNING_START.step, label: 'Batches' },
  },
  schedules: {
    frame: drawSchedule(SCHEDULE_START, WIDTH),
    said: saidOfSchedule(SCHEDULE_START),
    moves: undefined,
    sliders: [
      { name: 'rate', title: 'Highest rate', min: 0.05, max: 1.5, step: 0.05, value: SCHEDULE_START.rate },
    ],
    choices: [
      {
        name: 'schedule',
        title: 'The rate',
        options: SCHEDULES.map(name => [name, name] as const),
        value: SCHEDULE_START.schedule,
      },
    ],
    scrub: { max: SCHEDULE_STEPS, value: SCHEDULE_START.step, label: 'Step' },
  },
  'word-map': {
    frame: drawWordMap(mappedWords, WORD_MAP_START, WIDTH),
    said: saidOfWordMap(mappedWords, WORD_MAP_START),
    moves: 'The cloud of words. The arrow keys turn and tip it.',
    sliders: [],
    choices: [
      {
        name: 'map',
        title: 'Map',
        options: [['pca', 'principal components'], ['umap', 'UMAP']],
        value: WORD_MAP_START.map,
      },
    ],
    text: { title: 'A word', value: WORD_MAP_START.word, longest: LONGEST_WORD },
    scrub: { max: TURNS, value: WORD_MAP_START.turn, label: 'Turn' },
  },
  merges: {
    frame: drawMerges(MERGES_START),
    said: saidOfMerges(MERGES_START),
    moves: undefined,
    sliders: [],
    text: { title: 'A text of your own', value: MERGES_START.text, longest: LONGEST_TEXT },
    scrub: { max: lastMerge(MERGES_START.text), value: MERGES_START.step, label: 'Merges' },
  },
} satisfies Readonly<Record<string, Explained>>

export type FigureName = keyof typeof explained
