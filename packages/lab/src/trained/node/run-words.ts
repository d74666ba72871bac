// The words of a run, in the order of their vectors.
import { keptArtifact, type RecordedRun } from '../../data-source/node/run-artifacts.ts'
import { wordsArtifact, type KnownWords } from '../../data-source/word-corpus.ts'

/** The words that a run keeps; undefined where it keeps none. @throws UserError where the file was changed */
export function runWords(of: RecordedRun): readonly string[] | undefined {
  const kept = keptArtifact(of, wordsArtifact)
  return kept === undefined ? undefined : (JSON.parse(kept) as KnownWords).words
}
