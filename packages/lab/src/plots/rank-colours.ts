// Colours by how good a trial is among others.
import { schemeColours, type ColourRamp } from './draw-figure.ts'

/** Colours from the worst to the best; both ends can be told from a light page and from a dark one. */
export const RANK_COLOURS: readonly string[] = schemeColours('viridis', 64).slice(14, 51)

/** The colour of a rank: 0 the best, 1 the worst. */
export const rankColour = (rank: number): string =>
  RANK_COLOURS[Math.round((1 - rank) * (RANK_COLOURS.length - 1))] ?? '#888888'

/** The key of {@link RANK_COLOURS}. */
export const rankRamp = (label: string): ColourRamp => ({
  label,
  low: 'worst',
  high: 'best',
  colours: RANK_COLOURS.filter((_, i) => i % 4 === 0),
})
