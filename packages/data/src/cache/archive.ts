// Reads members of tar archives (plain or gzipped) into memory, without writing anything to disk.
import { list } from 'tar'
import { UserError } from '@ddlf/tensor/errors'
import type { LocatedFile } from './locate.ts'
import { sha256Of, wrongContent } from './read.ts'

/** One file of an archive. */
export interface Member {
  /** Path inside the archive, without a leading `./`. */
  readonly path: string
  readonly content: Buffer
}

/**
 * The members of an archive whose path is wanted, in the order of the archive.
 * @throws UserError when the archive is damaged
 */
export async function readMembers(archive: string, wanted: (path: string) => boolean): Promise<Member[]> {
  const members: { path: string; pieces: Buffer[] }[] = []
  try {
    await list({
      file: archive,
      strict: true,
      onReadEntry: entry => {
        const path = entry.path.replace(/^\.\//, '')
        if (entry.type !== 'File' || !wanted(path)) {
          entry.resume()
          return
        }
        const pieces: Buffer[] = []
        members.push({ path, pieces })
        entry.on('data', piece => pieces.push(piece))
      },
    })
  } catch (error) {
    throw new UserError(
      {
        rule: `${archive} is not a sound tar archive.`,
        received: error instanceof Error ? error.message : String(error),
      },
      { cause: error },
    )
  }
  return members.map(({ path, pieces }) => ({ path, content: Buffer.concat(pieces) }))
}

/** As {@link readMembers}, of an archive that is verified first. */
export async function readVerifiedMembers(
  { file, path }: LocatedFile,
  wanted: (path: string) => boolean,
): Promise<Member[]> {
  const received = await sha256Of(path)
  if (received !== file.sha256) throw wrongContent(path, file.sha256, received)
  return readMembers(path, wanted)
}
