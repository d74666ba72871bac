// The file of a study: YAML, or a module in TypeScript or JavaScript whose default export describes it.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import { parseDocument } from 'yaml'
import { importOwn } from '../../experiment/node/experiments-from.ts'
import { explained, openIfThere, readWholeFile } from '../../runs/atomic-file.ts'
import { readDescription, type ReadDescription } from '../study-description.ts'
import fs from 'node:fs'

/** Bytes: what describes a study is short. */
const MOST = 2 ** 20

/** Whether a name is that of a YAML file, or of JSON, which is YAML too. */
export const isYaml = (name: string): boolean => /\.(ya?ml|json)$/i.test(name)

const isDescription = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'experiment' in value && !('model' in value)

function readText(file: string): string {
  const descriptor = openIfThere(file)
  if (descriptor === undefined)
    throw new UserError({
      rule: 'There is no such file.',
      received: path.resolve(file),
      next: 'Name the YAML file that describes the study, or an experiment.',
    })
  const { size } = fs.fstatSync(descriptor)
  fs.closeSync(descriptor)
  if (size > MOST)
    throw new UserError({
      rule: 'The description of a study is short.',
      received: `${file} with ${size} bytes`,
      next: `Is it another file? At most ${MOST} bytes are read.`,
    })
  return new TextDecoder().decode(explained(file, () => readWholeFile(file)))
}

/** @throws UserError with the line of the mistake */
function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true })
  const [error] = document.errors
  if (error) {
    const [what = '', ...context] = error.message.split('\n')
    throw new UserError({
      rule: `${file} is not YAML.`,
      received: what.replace(/:$/, ''),
      next: `Mend the line${context.length > 0 ? `: ${context.find(line => line.trim() !== '')?.trim() ?? ''}` : '.'}`,
    })
  }
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new UserError(
      { rule: `${file} cannot be read.`, received: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    )
  }
}

/**
 * Reads the file of a study.
 * @returns undefined for a module whose default export describes no study, such as a file of experiments
 * @throws UserError naming the file and what is wrong in it
 */
export async function readStudyFile(file: string): Promise<ReadDescription | undefined> {
  if (isYaml(file)) return readDescription(parseYaml(readText(file), file), file)
  const { default: described } = await importOwn(pathToFileURL(path.resolve(file)).href, 'The file cannot be loaded.')
  try {
    return isDescription(described) ? readDescription(described, file) : undefined
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    // Its fields are somebody's code, such as getters.
    throw new UserError(
      {
        rule: `${file}: reading the fields of the study fails.`,
        received: cause instanceof Error ? cause.message : String(cause),
        next: 'Mend the file: its default export is an object with plain values.',
      },
      { cause },
    )
  }
}
