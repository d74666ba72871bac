// How many columns may be written into.

/** Columns of a terminal; 80 where it does not know, as one that a program opened. */
export const columnsOf = (terminal: NodeJS.WriteStream): number => terminal.columns || 80

/** Columns of the terminal; where the output is no terminal as many as COLUMNS says, else without end. */
export function terminalWidth(): number {
  if (process.stdout.isTTY) return columnsOf(process.stdout)
  const given = Number(process.env['COLUMNS'] ?? Number.NaN)
  return Number.isSafeInteger(given) && given > 0 ? given : Infinity
}
