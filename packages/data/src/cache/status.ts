// Whether a set is on this machine, and where.
import { stat } from 'node:fs/promises'
import type { DatasetCard } from '../dataset.ts'
import type { Environment } from './folders.ts'
import { locateEdition } from './locate.ts'
import type { Origin } from './locate.ts'

/** What is known of a set without reading its content. */
export interface SetStatus {
  readonly id: string
  /** All files of one edition are here; whether they are sound, only `verify` says. */
  readonly here: boolean
  readonly edition?: string
  readonly origins: readonly Origin[]
  /** Bytes on this machine, or those to be fetched where the card knows them. */
  readonly bytes: number | undefined
  /** How the set can be fetched when it is not here: 'network', 'npm', or neither ('by hand'). */
  readonly source: 'network' | 'npm' | 'by hand'
  readonly paths: readonly string[]
}

/** Finds out where a set is. */
export async function setStatus(card: DatasetCard, environment: Environment = process.env): Promise<SetStatus> {
  const located = locateEdition(card, environment)
  const fetched = card.editions.find(({ files }) => files.every(({ urls = [] }) => urls.length > 0))
  const npm = card.editions.some(
    ({ files, decodedFrom }) => decodedFrom !== undefined || files.every(file => file.npm !== undefined),
  )
  const source = npm ? 'npm' : fetched !== undefined ? 'network' : 'by hand'
  if (located !== undefined) {
    let bytes = 0
    for (const { path } of located.files) bytes += (await stat(path)).size
    const origins = [...new Set(located.files.map(({ origin }) => origin))]
    return {
      id: card.id,
      here: true,
      edition: located.edition.name,
      origins,
      bytes,
      source,
      paths: located.files.map(({ path }) => path),
    }
  }
  const sizes = (fetched ?? card.editions[0])?.files.map(({ bytes }) => bytes) ?? []
  const bytes = sizes.every(size => size !== undefined) ? sizes.reduce((a, b) => a + b, 0) : undefined
  return { id: card.id, here: false, origins: [], bytes, source, paths: [] }
}
