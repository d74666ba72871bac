// The experiments of a module: the course's, or a file of somebody's own.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import type { ExperimentModules } from '../experiment-modules.ts'
import type { Experiment } from '../experiment.ts'
import { readTypeScript } from './read-typescript.ts'

const isExperiment = (value: unknown): value is Experiment =>
  typeof value === 'object' &&
  value !== null &&
  ['name', 'data', 'config', 'task', 'model'].every(field => field in value)

/**
 * Where in somebody's own files an error arose, `, in FILE, line 3`: the innermost place in the folder of the module;
 * empty where the error does not say.
 */
function placeIn(error: unknown, address: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  // Node puts the place of a mistake in writing on the first line, and calls on lines that begin with `at`.
  const [, written, ofWritten] = /^(file:\/\/\S+|\/\S+):(\d+)\n/.exec(stack) ?? []
  const called = [...stack.matchAll(/^\s+at .*?((?:file:\/\/)?\/[^\n()]*?):(\d+):\d+\)?$/gm)]
  const places = [[written, ofWritten], ...called.map(([, file, line]) => [file, line])]
    .flatMap(([file, line]) => (file === undefined ? [] : [{
      file: file.startsWith('file:') ? fileURLToPath(file.replace(/[?#].*$/, '')) : file.replace(/[?#].*$/, ''),
      line,
    }]))
    .filter(({ file }) => !/[\\/]node_modules[\\/]/.test(file))
  const folder = path.dirname(fileURLToPath(address)) + path.sep
  const own = places.find(({ file }) => file.startsWith(folder))
  return own === undefined ? '' : `, in ${own.file}, line ${own.line ?? ''}`
}

/** Whether a file was read as what it is not, or imports what is not there. */
const isOfModules = (error: unknown): boolean =>
  error instanceof Error &&
  !error.message.startsWith('Transform failed') &&
  (error instanceof SyntaxError || ('code' in error && /^ERR_/.test(String(error.code))))

/**
 * The exports of a module of somebody's own.
 * @param address of the module, a `file:` URL
 * @param rule what is said where it cannot be loaded
 * @throws UserError naming the file and the line
 */
export async function importOwn(address: string, rule: string): Promise<Readonly<Record<string, unknown>>> {
  await readTypeScript(address)
  return (await import(/* @vite-ignore */ address).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    throw new UserError(
      {
        rule,
        received: `${fileURLToPath(address)}: ${message}${placeIn(error, address)}`,
        // A mistake in writing, or one that the file makes when it runs, has nothing to do with what lies beside it.
        ...(address.endsWith('.ts') && isOfModules(error) && {
          next: 'Beside it should lie a package.json with "type": "module", or end its name with .mts.',
        }),
      },
      { cause: error },
    )
  })) as Readonly<Record<string, unknown>>
}

/** The experiments among the exports of a module, alone or in a list; its default first. */
export function experimentsAmong(exports: Readonly<Record<string, unknown>>): readonly Experiment[] {
  const { default: first, ...named } = exports
  const exported = [first, ...Object.values(named)].flatMap((value): unknown[] =>
    Array.isArray(value) ? value : [value],
  )
  return [...new Set(exported.filter(isExperiment))]
}

const listOf = (modules: ExperimentModules): readonly string[] => (typeof modules === 'string' ? [modules] : modules)

/**
 * Every experiment that modules export, alone or in a list (such as `experiments`); the default of each first.
 * @throws UserError where a module cannot be loaded, or exports none
 */
export const experimentsFrom = async (modules: ExperimentModules): Promise<readonly Experiment[]> =>
  (await Promise.all(listOf(modules).map(experimentsOf))).flat()

/**
 * The module that has an experiment of a name; the last where none has.
 * @throws UserError as {@link experimentsFrom}
 */
export async function moduleWith(modules: ExperimentModules, name: string): Promise<string> {
  const list = listOf(modules)
  for (const module of list.slice(0, -1)) {
    if ((await experimentsOf(module)).some(experiment => experiment.name === name)) return module
  }
  return list.at(-1) ?? ''
}

async function experimentsOf(address: string): Promise<readonly Experiment[]> {
  const module = await importOwn(address, 'The module with the experiments cannot be loaded.')
  const experiments = experimentsAmong(module)
  if (experiments.length > 0) return experiments
  throw new UserError({
    rule: 'A module of experiments exports what experiment({ … }) makes.',
    received: `${fileURLToPath(address)} with ${Object.keys(module).join(', ') || 'no exports'}`,
    next: 'export default experiment({ … })',
  })
}
