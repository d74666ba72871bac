// What every line chart of the site is drawn from, in memos, in the trainer and in the lab alike.

/** One line: a run, or the mean over seeds, of one metric. */
export interface ChartSeries {
  /** As it stands at the line's end. */
  readonly name: string
  /** Which of the five colours, counted from 0: one a run or a model; lines of one run share it. */
  readonly colour: number
  /** Training is dashed, what is tested is solid. */
  readonly dashed?: boolean
  /** Ascending x, in the unit of the chart; values that are not finite leave a gap. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Around the mean over seeds, at the same x: lower and upper end. */
  readonly band?: readonly (readonly [low: number, high: number])[]
  /** How many seeds the line is the mean of. */
  readonly seeds?: number
  /** Where what the line shows can be opened: a run, or the runs of several seeds. */
  readonly href?: string
}

/** Something that happened to a run at some x, without which its line is misread. */
export interface ChartMark {
  readonly x: number
  /** `all digits from here`. */
  readonly label: string
  /** That of the run it happened to. */
  readonly colour: number
  /** The run's name, where the chart has several. */
  readonly run?: string
}

/** A chart before it is drawn at some width. */
export interface Chart {
  readonly series: readonly ChartSeries[]
  /** Thin upright lines, with their words above the plot. */
  readonly marks?: readonly ChartMark[]
  /** `test error`, and its unit: `%`. */
  readonly yTitle: string
  readonly yUnit?: string
  /** `epoch`. */
  readonly xTitle: string
  /** Default: logarithmic where positive values span more than 30 to 1. */
  readonly scale?: 'linear' | 'log'
  /** Values above are not drawn; an arrow and the number say so. */
  readonly highest?: number
  /** Values of another chart beside it: the axis has room for them, so that both can be compared by eye. */
  readonly room?: readonly number[]
  /** The last x of the whole run, where it is still going on. */
  readonly lastX?: number
}

/** From this ratio of the largest to the smallest value on, an axis is logarithmic. */
export const LOGARITHMIC_FROM = 30

/** Lines that colours can tell apart in every sight; of more, none is coloured. */
export const MOST_COLOURS = 5

/** Fewer points than that make no line. */
export const FEWEST_IN_A_LINE = 4

/** All values of a chart that can be drawn on some axis. */
export const valuesOf = (series: readonly ChartSeries[]): number[] =>
  series.flatMap(({ points }) => points.map(([, y]) => y).filter(Number.isFinite))

/** Whether a chart's y axis is logarithmic. */
export function isLogarithmicChart({ series, scale, highest, room = [] }: Chart): boolean {
  const values = [...valuesOf(series), ...room].filter(y => highest === undefined || y <= highest)
  if (values.length === 0) return false
  const positive = values.filter(y => y > 0)
  if (scale !== undefined) return scale === 'log' && positive.length > 0
  if (positive.length < values.length) return false
  return least(values, Infinity) * LOGARITHMIC_FROM < greatest(values, -Infinity)
}

/** The x axis from its first to its last value: of a run that is still going on, from its start to its end. */
export function xRangeOf({ series, lastX }: Chart): readonly [from: number, to: number] {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x))
  if (xs.length === 0) return [0, lastX ?? 1]
  return [least(xs, lastX === undefined ? Infinity : 0), greatest(xs, lastX ?? -Infinity)]
}

/** The least of many values. */
export const least = (values: readonly number[], first: number): number =>
  values.reduce((a, b) => Math.min(a, b), first)
/** The greatest of many values. */
export const greatest = (values: readonly number[], first: number): number =>
  values.reduce((a, b) => Math.max(a, b), first)

/** The share by which values differ that have one label. */
const ALIKE = 1e-7

/**
 * The room that an axis leaves beside its values: a part of their range, or of their size where no label could tell
 * them apart. In parts of each end, whose difference may be no number.
 */
export function roomBeside(low: number, high: number): number {
  const room = 0.05 * high - 0.05 * low
  return (room > ALIKE * Math.max(Math.abs(low), Math.abs(high)) && room) || 0.05 * Math.abs(high) || 0.05
}

/** Where a value lies from one end of an axis to the other, 0 to 1: by halves, whose difference is always a number. */
export const shareBetween = (value: number, from: number, to: number): number =>
  (value / 2 - from / 2) / (to / 2 - from / 2)

/** Names the class of a line's colour. */
export function colourClass({ series }: Chart, { colour }: Pick<ChartSeries, 'colour'>): string {
  const colours = new Set(series.map(one => one.colour))
  return colours.size > MOST_COLOURS ? 'series-grey' : `series-${(colour % MOST_COLOURS) + 1}`
}
