// What a source asks for, from this machine: published sets, files of texts, and what a run keeps.
import { datasetCard } from '@ddlf/data'
import { loadDataset, locateEdition, readTextParts, type OnItems } from '@ddlf/data/node'
import path from 'node:path'
import type { Artifacts, DataIo } from '../data-source.ts'
import { keptArtifact, type RecordedRun } from './run-artifacts.ts'

/** How data are read. */
export interface DataIoOptions {
  /** Numbers of the training part in memory that threads share; default false. */
  readonly shared?: boolean
  /** The run that they are the data of: what it keeps is read, not made anew. */
  readonly of?: RecordedRun
  /** Artifacts that are there already, for a run that keeps none yet. */
  readonly made?: Artifacts
  /** Hears how much of long texts is read. */
  readonly onItems?: OnItems
}

/** What a source may ask for, and what it has asked for. */
export interface RecordingIo {
  readonly io: DataIo
  /** SHA-256 of the files of published sets that were read. */
  readonly checksums: () => Record<string, string>
  /** What the run keeps, or is to keep. */
  readonly artifacts: () => Artifacts
}

/** Answers what a source asks for, and remembers it. */
export function dataIo({ shared = false, of, made = {}, onItems }: DataIoOptions = {}): RecordingIo {
  const asked = new Set<string>()
  const artifacts: Record<string, string> = {}
  return {
    io: {
      shared,
      dataset: (id, split) => {
        asked.add(id)
        // A loader's thread reads what is trained on in place.
        return loadDataset(id, { split, shared: shared && split === 'train' })
      },
      texts: file =>
        readTextParts(file, {
          onTexts: ({ name, bytes, total }) => onItems?.({ items: path.basename(name), done: bytes, total }),
        }),
      artifact: async (name, make, isFixed = false) =>
        (artifacts[name] ??= keptArtifact(of, name) ?? (isFixed ? undefined : made[name]) ?? (await make())),
    },
    checksums: () =>
      Object.fromEntries(
        [...asked].flatMap(id =>
          (locateEdition(datasetCard(id))?.files ?? []).map(({ file }) => [`${id}/${file.name}`, file.sha256]),
        ),
      ),
    artifacts: () => artifacts,
  }
}
