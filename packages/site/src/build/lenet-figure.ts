// The recorded LeNets of Days 3-6 as a page shows them first: what they say of a moved digit, and what was measured.
import type { Chart } from '../charts/chart.ts'
import { FIELD, lenetDigitsSchema, readLeNet } from '../explain/lenet-digits.ts'
import recorded from '../explain/lenet-digits.json' with { type: 'json' }
import { linearDigitsSchema, readLinearDigits } from '../explain/linear-digits.ts'
import linearRecorded from '../explain/linear-digits.json' with { type: 'json' }
import type { Readers } from '../explain/shifted.ts'

const { plain, distorted, shifts, judged, field } = lenetDigitsSchema.parse(recorded)
const { errors: linearErrors, shifts: linearShifts, ...linear } = linearDigitsSchema.parse(linearRecorded)
const { errors: plainErrors, ...plainNet } = plain
const { errors: distortedErrors, ...distortedNet } = distorted

/** As it is written into the page. */
export const shiftedModel = JSON.stringify({ linear, plain: plainNet, distorted: distortedNet })
/** To draw the first frame with. */
export const shiftedReaders: Readers = {
  linear: readLinearDigits(linear), plain: readLeNet(plainNet), distorted: readLeNet(distortedNet),
}

const points = (at: readonly number[], errors: readonly number[]) =>
  at.map((shift, i) => [shift, 100 * (errors[i] ?? NaN)] as const)

/** What stands below the measured counterpart. */
export const shiftedCaption = `Measured: ${judged.toLocaleString('en-US')} test digits, moved; for the linear ` +
  'classifier all 10,000.'

/** The measured counterpart: the error by shift. */
export const shiftedChart: Chart = {
  series: [
    { name: 'linear', colour: 2, points: points(linearShifts, linearErrors) },
    { name: 'LeNet-1', colour: 0, points: points(shifts, plainErrors) },
    { name: 'trained on moved digits', colour: 1, points: points(shifts, distortedErrors) },
  ],
  yTitle: 'test error',
  yUnit: '%',
  xTitle: 'pixels moved to the right',
  scale: 'linear',
}

/** The measured counterpart of the field: how much of a unit's gradient lies in each column. */
export const fieldChart: Chart = {
  series: [{
    name: 'LeNet-1, second layer', colour: 0,
    points: field.map((share, i) => [i - (FIELD - 1) / 2, 100 * share] as const),
  }],
  yTitle: 'share of the gradient',
  yUnit: '%',
  xTitle: 'pixels from the middle of the field',
  scale: 'linear',
}
