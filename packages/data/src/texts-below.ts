// The texts below a folder: plain files and links to such that are called texts; and what else lies there, with why it
// is no text.
import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { filesBelow } from './files-below.ts'

/** Whether a file is called a text. */
export const isTextFile = (file: string): boolean => /\.(txt|text|md|markdown)$/i.test(file)

/** What is not read, and why. */
export interface PassedOver {
  readonly name: string
  readonly reason: string
}

/** Why a name is not that of a text; undefined where it is. */
function refusalOf(name: string): string | undefined {
  if (path.basename(name).startsWith('.')) return 'hidden'
  return isTextFile(name) ? undefined : 'without the ending of a text'
}

/** Why what a link leads to is not read; undefined where it is a text. @param read real paths of the texts so far */
function linkRefusal(link: string, name: string, read: ReadonlySet<string>): string | undefined {
  const status = statSync(link, { throwIfNoEntry: false })
  if (status === undefined) return 'broken link'
  if (status.isDirectory()) return 'link to a folder, which is not followed'
  if (!status.isFile()) return 'neither a file nor a folder'
  return refusalOf(name) ?? (read.has(realpathSync(link)) ? 'link to a text that is read already' : undefined)
}

/** {@link linkRefusal}, also where a link leads in a circle. */
function refusalOfLink(...link: Parameters<typeof linkRefusal>): string | undefined {
  try {
    return linkRefusal(...link)
  } catch {
    return 'broken link'
  }
}

/**
 * The names of the texts of a folder, folders within included, with `/` between the parts, sorted; and everything else
 * that lies there. Each text is read once, under its own name or that of the first link that leads to it.
 * @throws Error of the file system where the folder cannot be read
 */
export function textsBelow(
  folder: string,
): { readonly texts: readonly string[]; readonly passed: readonly PassedOver[] } {
  const texts: string[] = []
  const passed: PassedOver[] = []
  const links: string[] = []
  const take = (name: string, reason: string | undefined) => {
    if (reason === undefined) texts.push(name)
    else passed.push({ name, reason })
  }
  const files = filesBelow(folder, (name, kind) => {
    if (kind === 'link') links.push(name)
    else take(name, kind)
  })
  for (const name of files) take(name, refusalOf(name))
  const read = new Set(texts.map(name => realpathSync(path.join(folder, name))))
  for (const name of links.sort()) {
    const file = path.join(folder, name)
    const refusal = refusalOfLink(file, name, read)
    take(name, refusal)
    if (refusal === undefined) read.add(realpathSync(file))
  }
  return { texts: texts.sort(), passed }
}
