// The experiments that commands know: those of the course, and those of a file of somebody's own.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { findExperiment, type Experiment } from '@ddlf/lab'
import { experimentsAmong, experimentsFrom, importOwn } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { experiments as ofCourse } from './course.ts'
import { courseModule } from './course-folders.ts'

/** Whether what is given for an experiment is a file that has it. */
export const isModule = (name: string): boolean => /\.[cm]?[jt]s$/.test(name)

const addressOf = (file: string) => pathToFileURL(path.resolve(file)).href

/** The file that the environment names; commands about a run of it find its experiment there. */
const own = process.env['DDLF_EXPERIMENTS'] || undefined

const ofOwn = own === undefined ? [] : await experimentsFrom(addressOf(own))

const known: Experiment[] = [...ofOwn, ...ofCourse]

/**
 * Those of the files that this command was given, those of the file that `DDLF_EXPERIMENTS` names, then the course's.
 */
export const experiments: readonly Experiment[] = known

/** The addresses of the modules that have experiments, for processes that do not know yet which will be asked for. */
export const experimentModules: readonly string[] = [...(own === undefined ? [] : [addressOf(own)]), courseModule()]

/** The address of the module that has an experiment, for the thread that trains. */
export const moduleOf = (name: string): string =>
  own !== undefined && ofOwn.some(experiment => experiment.name === name) ? addressOf(own) : courseModule()

/**
 * The experiment of a name, or the one in a file.
 * @throws UserError where there is none of this name, or the file has several and none as its default
 */
export async function experimentNamed(
  name: string,
): Promise<{ readonly experiment: Experiment; readonly module: string }> {
  if (!isModule(name)) return { experiment: findExperiment(experiments, name), module: moduleOf(name) }
  const module = addressOf(name)
  const found = await experimentsFrom(module)
  known.unshift(...found)
  const isDefault = ((await import(module)) as { default?: unknown }).default === found[0]
  if (found.length === 1 || isDefault) return { experiment: found[0] as Experiment, module }
  throw new UserError({
    rule: 'The file has several experiments.',
    received: found.map(experiment => experiment.name).join(', '),
    next: `Make one its default export, or set DDLF_EXPERIMENTS=${name} and give the name.`,
  })
}

/**
 * The experiment that the file of a study names: one that the file itself exports, or a known one.
 * @throws UserError where there is none of this name
 */
export async function experimentOfStudy(
  name: string,
  file: string,
): Promise<{ readonly experiment: Experiment; readonly module: string }> {
  if (!isModule(file)) return experimentNamed(name)
  const module = addressOf(file)
  const exported = experimentsAmong(await importOwn(module, 'The file of the study cannot be loaded.'))
  const experiment = exported.find(one => one.name === name)
  if (!experiment) return { experiment: findExperiment([...exported, ...experiments], name), module: moduleOf(name) }
  known.unshift(...exported)
  return { experiment, module }
}
