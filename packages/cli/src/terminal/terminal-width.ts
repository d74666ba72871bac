// How many columns may be written into.

/** Columns of the terminal; where the output is no terminal as many as COLUMNS says, else without end. */
export function terminalWidth(): number {
  if (process.stdout.isTTY) return process.stdout.columns
  const given = Number(process.env['COLUMNS'] ?? Number.NaN)
  return Number.isSafeInteger(given) && given > 0 ? given : Infinity
}
