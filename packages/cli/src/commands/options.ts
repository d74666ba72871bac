// Options that several commands share.
import { UserError } from '@ddlf/tensor/errors'
import { Option } from 'commander'

/** The folder that holds all runs. */
export const runsOption = () =>
  new Option('--runs <folder>', 'folder that holds all runs')
    .env('DDLF_RUNS')
    .default('runs')
    .argParser(given('--runs'))

/** The folder that holds all studies. */
export const studiesOption = () => new Option('--studies <folder>', 'folder that holds all studies')
  .env('DDLF_STUDIES').default('studies').argParser(given('--studies'))

/** A queue in Redis that machines work for. */
export const queueOption = () => new Option('--queue <address>', 'workers behind a queue: redis://host:6379')
  .env('DDLF_QUEUE').argParser(given('--queue'))

/** The same for a command that is nothing without one. */
export const neededQueueOption = () => queueOption().makeOptionMandatory()

/** Machine-readable output. */
export const jsonOption = () => new Option('--json', 'print JSON for machines')

/** Which weights of a run are meant. */
export const checkpointOption = () =>
  new Option('--checkpoint <name>', 'last, best, or step-N where --keep kept some').default('last')

/** Where a run's own data lie now. */
export const movedDataOption = () =>
  new Option('--data <path>', "where the run's own data lie now (default: where they lay when it was trained)")

/** Where the second table lies now that a run was tested on. */
export const movedTestDataOption = () =>
  new Option('--test-data <file>', 'where the second table of the run lies now (default: where it lay)')

/**
 * Reads a value that must be something, such as a path: what an unset variable leaves is none.
 * @throws UserError where it is empty
 */
export function given(option: string) {
  return (text: string): string => {
    if (text.trim() !== '') return text
    throw new UserError({
      rule: `${option} needs a value.`,
      received: 'an empty text',
      next: `Write one behind ${option}, or leave it out.`,
    })
  }
}

/** Where a command writes. */
export const outOption = (description: string) => new Option('-o, --out <file>', description).argParser(given('--out'))

/** Lets an output replace a file. */
export const forceOption = () => new Option('--force', 'replace a file that is there')

/** Threads of the native runtime. */
export const threadsOption = () =>
  new Option('--threads <number>', 'threads of the native runtime (default: all processors)').argParser(
    wholeNumber('--threads', 1, 1024),
  )

/** A setting of an experiment, repeated. */
export const setOption = (description = 'change a setting (may be repeated)') =>
  new Option('-s, --set <key=value>', description).argParser(collect).default([], 'none')

/** Collects a repeated option into a list. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Options that are set, under the names that the laboratory has for them. */
export const defined = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never

/** Reads a number. @throws UserError when it is not one that `accepts` */
export const numberOf = (
  option: string, { is, example }: { readonly is: string; readonly example: number },
  accepts: (value: number) => boolean,
) => (written: string): number => {
  const value = Number(written)
  if (written.trim() !== '' && accepts(value)) return value
  throw new UserError({
    rule: `${option} takes ${is}.`,
    received: written === '' ? 'an empty text' : written,
    next: `Write for example ${option} ${example}, or leave it out.`,
  })
}

/** Reads the value of an option that measures something. @throws UserError when it is not a number above 0 */
export const positiveNumber = (option: string) => (text: string): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  const received = text === '' ? 'an empty text' : text
  throw new UserError({ rule: `${option} takes a number above 0.`, received, next: 'Write for example 0.01 or 1e15.' })
}

/**
 * Reads the value of an option that counts something.
 * @throws UserError when it is not a whole number from `least` to `most`
 */
export const wholeNumber = (option: string, least = 0, most = Number.MAX_SAFE_INTEGER) => (text: string): number => {
  const value = Number(text)
  if (/^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(value) && value >= least && value <= most) return value
  const isOpen = most === Number.MAX_SAFE_INTEGER && !(value > most)
  const range = isOpen ? `of at least ${least}` : `from ${least} to ${most}`
  throw new UserError({
    rule: `${option} takes a whole number ${range}.`,
    received: text === '' ? 'an empty text' : text,
    next: `Write for example ${option} ${Math.max(1, least)}, or leave it out.`,
  })
}
