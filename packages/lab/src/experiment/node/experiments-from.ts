// The experiments of a module: the course's, or a file of somebody's own.
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import type { Experiment } from '../experiment.ts'

const isExperiment = (value: unknown): value is Experiment =>
  typeof value === 'object' &&
  value !== null &&
  ['name', 'data', 'config', 'task', 'model'].every(field => field in value)

/**
 * Every experiment that a module exports, alone or in a list (such as `experiments`); its default first.
 * @param address of the module, a `file:` URL
 * @throws UserError where it cannot be loaded, or exports none
 */
export async function experimentsFrom(address: string): Promise<readonly Experiment[]> {
  const module = (await import(/* @vite-ignore */ address).catch((error: unknown) => {
    throw new UserError(
      {
        rule: 'The module with the experiments cannot be loaded.',
        received: `${fileURLToPath(address)}: ${error instanceof Error ? error.message : String(error)}`,
        ...(address.endsWith('.ts') && {
          next: 'Beside it should lie a package.json with "type": "module", or end its name with .mts.',
        }),
      },
      { cause: error },
    )
  })) as Record<string, unknown>
  const { default: first, ...named } = module
  const exported = [first, ...Object.values(named)].flatMap((value): unknown[] =>
    Array.isArray(value) ? value : [value],
  )
  const experiments = [...new Set(exported.filter(isExperiment))]
  if (experiments.length > 0) return experiments
  throw new UserError({
    rule: 'A module of experiments exports what experiment({ … }) makes.',
    received: `${fileURLToPath(address)} with ${Object.keys(module).join(', ') || 'no exports'}`,
    next: 'export default experiment({ … })',
  })
}
