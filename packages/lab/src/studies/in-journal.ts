// Which study of a journal is meant: the folder's name is the study's name, and where a journal holds several,
// `folder/study` names one.
import { UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../command-text.ts'
import type { StoredStudy } from './replay.ts'

/** A study of a journal, as commands name it. */
export interface NamedStudy {
  readonly name: string
  readonly study: StoredStudy
}

/** The folder in the name of a study, and what a journal with several calls it. */
export function splitName(name: string): { readonly folder: string; readonly inner?: string } {
  const at = name.indexOf('/')
  return at < 0 ? { folder: name } : { folder: name.slice(0, at), inner: name.slice(at + 1) }
}

/**
 * The studies of a journal by the names that commands take. A single one is called as its folder, whatever it is called
 * inside: a folder may be copied or renamed.
 */
export function namedStudies(folder: string, studies: Iterable<StoredStudy>): NamedStudy[] {
  const all = [...studies]
  return all.map(study => ({
    name: all.length === 1 || study.name === folder ? folder : `${folder}/${study.name}`,
    study,
  }))
}

/** @throws UserError where there is none of the name, or it does not say which */
export function studyIn(name: string, studies: Iterable<StoredStudy>): NamedStudy {
  const { folder, inner } = splitName(name)
  const all = namedStudies(folder, studies)
  const found = all.find(one => one.name === name || (inner !== undefined && one.study.name === inner))
  if (found) return found
  const [first] = all
  if (!first)
    throw new UserError({
      rule: 'The journal holds no study.',
      received: name,
      next: 'Was it cut? Restore it from a copy.',
    })
  const names = all.map(one => `'${one.name}'`).join(', ')
  throw new UserError({
    rule: inner === undefined ? 'The journal holds several studies.' : 'The journal holds no study of this name.',
    received: inner === undefined ? `${folder} with ${names}` : `${name}; there are ${names}`,
    next: `Name one of them, for example: ${ddlfCommand('study', 'show', first.name)}`,
  })
}
