// Another run as the beginning of a new one: its weights, and what it keeps of its data.
import { createHash } from 'node:crypto'
import { UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../../command-text.ts'
import { keptArtifact } from '../../data-source/node/run-artifacts.ts'
import { checkpointNames, loadCheckpoint } from '../../runs/checkpoint.ts'
import { readRunRecord, runPaths } from '../../runs/run-folder.ts'
import { openRun } from '../../runs/run-reference.ts'
import type { Checkpoint } from '../../runs/run-store.ts'
import { runsWords } from '../../runs/runs-words.ts'
import type { StartingWeights } from '../../train/starting-weights.ts'

/** What a new run takes from another. */
export interface StartingRun extends StartingWeights {
  /** For the record of the new run: `from/<experiment>/<id>`, with the SHA-256 of the weights. */
  readonly checksums: Readonly<Record<string, string>>
  /** A file that it keeps of its data, such as a tokenizer; undefined where it keeps none of the name. */
  readonly artifact: (name: string) => string | undefined
}

/** Where run.json names the run that another began from. */
const RECORDED = /^from\/([^/]+\/[^/]+)$/

/** The run that a run began from, by its record; undefined where it began at random. */
export const startedFrom = (data: Readonly<Record<string, string>>): string | undefined =>
  Object.keys(data).flatMap(name => RECORDED.exec(name)?.[1] ?? [])[0]

function checksumOf(tensors: Checkpoint['tensors']): string {
  const hash = createHash('sha256')
  for (const [name, { data }] of Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}

/**
 * Opens a run whose weights another begins with: those of its last checkpoint.
 * @param recorded the checksums of the run that began from it before: the weights must be the same
 * @throws UserError where there is no such run, it has no weights yet, or they have changed since
 */
export function weightsOfRun(
  root: string,
  reference: string,
  recorded: Readonly<Record<string, string>> = {},
): StartingRun {
  const run = openRun(root, reference)
  const record = readRunRecord(run)
  const name = `${run.experiment}/${run.id}`
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last', record)
  if (!checkpoint) {
    const others = checkpointNames(runPaths(run).checkpoints)
    throw new UserError({
      rule: 'A run to start from must have its last checkpoint.',
      received: `${name} ${others.length === 0 ? 'without any' : `with ${others.join(', ')} alone`}`,
      next: `Train it on: ${ddlfCommand('resume', name, ...runsWords(root))}`,
    })
  }
  const { tensors } = checkpoint
  const sha256 = checksumOf(tensors)
  const before = recorded[`from/${name}`]
  if (before !== undefined && before !== sha256) {
    throw new UserError({
      rule: 'The run that this one starts from has changed since.',
      received: `${name}, whose weights are others now`,
      next: 'Start a new run.',
    })
  }
  return {
    run: name,
    tensors,
    config: record.config,
    averaged: Number(record.config['averageDecay'] ?? 0) > 0,
    checksums: { [`from/${name}`]: sha256 },
    artifact: file => keptArtifact({ run, record }, file),
  }
}
