// The temperature figure's recorded net as a page shows it first, and how new its names are at each temperature.
import type { Chart } from '../charts/chart.ts'
import { namesNetSchema, readNamesNet } from '../explain/names-net.ts'
import recorded from '../explain/names-net.json'

const { temperatures, known, different, settings, experiment, ...model } = namesNetSchema.parse(recorded)

/** As it is written into the page. */
export const namesModel = JSON.stringify(model)
/** What it was trained as. */
export const namesTraining = { experiment, settings }
/** To draw the first frame with. */
export const namesNet = readNamesNet(model)

const line = (shares: readonly number[]) => temperatures.map((at, i) => [at, 100 * (shares[i] ?? NaN)] as const)

/** The measured counterpart. */
export const noveltyChart: Chart = {
  series: [
    { name: 'different ones', colour: 0, points: line(different) },
    { name: 'in the list', colour: 1, points: line(known) },
  ],
  yTitle: 'share of 1,000 names',
  yUnit: '%',
  xTitle: 'temperature',
  scale: 'linear',
}
