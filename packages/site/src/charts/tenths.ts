// A place on a chart as its markup writes it.

/** To a tenth of a pixel. */
export const tenths = (value: number) => String(Math.round(value * 10) / 10)
