// How wide a text of a figure is, where nothing can be measured: while the site is built, and before it is drawn.

const NARROW = new Set("iljtfrI.,:;'|!()[] ")
const WIDE = new Set('mwMW@%—')

/** Pixels that a text takes in the figures' face, a little on the wide side. @param size pixels of its letters */
export const textWidth = (text: string, size = 13): number =>
  Array.from(text).reduce((sum, letter) => sum + size * (NARROW.has(letter) ? 0.33 : WIDE.has(letter) ? 0.88 : 0.56), 0)
