// What an explaining figure is in a page before it comes to life: its first frame, its words, its sliders.
import { BACKWARD_START, BACKWARD_STEPS, drawBackward, saidOfBackward } from '../explain/backward.ts'
import { STEPS } from '../explain/descent.ts'
import { drawValley, saidOfValley, VALLEY_START } from '../explain/valley.ts'

/** A slider of a figure; its name is that of the state's value. */
export interface FigureSlider {
  readonly name: string
  readonly title: string
  readonly min: number
  readonly max: number
  readonly step: number
  readonly value: number
}

export interface Explained {
  /** The first frame; undefined where the figure has a surface of its own. */
  readonly frame: string | undefined
  readonly said: string
  /** What the arrow keys and the pointer move on the surface; undefined: nothing. */
  readonly moves: string | undefined
  readonly sliders: readonly FigureSlider[]
  /** The player's range, where it begins, and what it moves. */
  readonly scrub: { readonly max: number; readonly value: number; readonly label: string }
}

const WIDTH = 608
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
    scrub: { max: 16, value: 8, label: 'Moved to the right' },
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
} satisfies Readonly<Record<string, Explained>>

export type FigureName = keyof typeof explained
