// Commands that a message suggests, written so that a shell reads them back word by word.

/** A word as a POSIX shell reads it back: bare where it is harmless, else in single quotes. */
export const shellQuote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/**
 * A `ddlf` command for a message, as it is typed in a checkout; the command line replaces the beginning by how it was
 * called.
 */
export const ddlfCommand = (...words: readonly string[]): string =>
  ['npm run ddlf --', ...words.map(shellQuote)].join(' ')

/** Settings as the words that `ddlf` takes: `--set`, `key=value`, ... */
export const settingWords = (settings: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${settingText(value)}`])

/** A setting as it is typed after `key=`: lists without brackets, words without quotes. */
export const settingText = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(settingText).join(',')
    : typeof value === 'string' && !value.startsWith('"')
      ? value
      : JSON.stringify(value)

/**
 * A setting for a person to read, not to type: numbers with four significant digits at most, whole ones as they are.
 * `learningRate` of a study's trial has sixteen.
 */
export const shownSetting = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(shownSetting).join(',')
    : typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value)
      ? String(Number(value.toPrecision(4)))
      : settingText(value)

/** An address without its password. */
export function shownAddress(address: string): string {
  try {
    const url = new URL(address)
    if (url.password !== '') url.password = '***'
    return url.href
  } catch {
    return address.replace(/^(\w+:\/\/)?([^:@]*):.*@/s, '$1$2:***@')
  }
}

/** The words of a command as a record keeps them: addresses of Redis without their passwords. */
export const recordedCommand = (words: readonly string[]): string[] =>
  words.map(word => word.replace(/rediss?:\/\/.+/, shownAddress))
