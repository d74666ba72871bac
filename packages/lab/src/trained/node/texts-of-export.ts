// What an exported model that reads texts is of no use without: its vocabulary, and how a text becomes its numbers.
import { keptArtifact } from '../../data-source/node/run-artifacts.ts'
import { vocabularyArtifact } from '../../data-source/published-texts.ts'
import { tokenizerArtifact } from '../../data-source/text-stream.ts'
import { wordsArtifact } from '../../data-source/word-corpus.ts'
import type { RunWithTokenizer } from './run-tokenizer.ts'

/** For somebody who has the model alone. */
export interface TextsOfExport {
  /** How a text becomes numbers; undefined where the model reads none, or its run has not kept how. */
  readonly reads: string | undefined
  /** The files that number the words, by name: of the run, as it keeps them. */
  readonly files: Readonly<Record<string, string>>
}

/** @throws UserError where a file of the run was changed */
export async function textsOfExport(trained: RunWithTokenizer): Promise<TextsOfExport> {
  const { experiment: { data: { own, textForm } }, settings } = trained
  const files = Object.fromEntries([tokenizerArtifact, vocabularyArtifact, wordsArtifact].flatMap(name => {
    const content = keptArtifact(trained, name)
    return content === undefined ? [] : [[name, content] as const]
  }))
  // Hashed words need no list.
  const isKnown = own === 'text-table' || Object.keys(files).length > 0
  const form = isKnown ? await textForm?.(settings, name => files[name]) : undefined
  return { reads: form?.told, files }
}
