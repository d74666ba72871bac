// Which pictures lie in a folder, of which class and of which part; and what lies there beside them, and why it is left
// out.
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { UserError, nearestName } from '@ddlf/tensor/errors'
import { namesNotText } from '../../files-below.ts'
import { alikeClasses } from '../alike-classes.ts'
import { IntakeCounter, leftOutText } from '../intake.ts'
import type { Intake } from '../intake.ts'

/** One picture that is to be read. */
export interface ListedPicture {
  readonly path: string
  /** Path within the folder, in NFC, with `/`: `cat/1.png`, `train/cat/1.png`. */
  readonly name: string
  readonly label: number
}

/** The parts that a folder may be divided into. */
export type PartName = 'train' | 'validation' | 'test'

/** What a folder holds. */
export interface PictureListing {
  readonly folder: string
  readonly classes: readonly string[]
  /** The parts as they lie (`train/cat/1.png`), or all as one. */
  readonly parts: { readonly [part in PartName | 'all']?: readonly ListedPicture[] }
  /** What was left out, with no picture counted as used yet. */
  readonly intake: Intake
}

const PICTURE = /\.(png|apng|jpe?g|jpe|jfif|webp|gif|bmp|dib)$/i
const OTHER_FORMATS = [
  'hei[cf]', 'avif', 'tiff?', 'svgz?', 'jxl', 'jp2', 'j2k', 'ico', 'psd', 'xcf', 'eps', 'pdf', 'raw', 'dng', 'cr[23]',
  'nef', 'arw', 'orf', 'rw2', 'tga', 'pcx', 'ppm', 'pgm', 'pbm', 'webm', 'mp4', 'mov',
]
const OTHER_FORMAT = new RegExp(`\\.(${OTHER_FORMATS.join('|')})$`, 'i')
/** What systems leave behind: nobody's pictures. */
const LITTER = /^(\._.*|\.DS_Store|Thumbs\.db|ehthumbs\.db|desktop\.ini|__MACOSX|@eaDir|\.gitkeep)$/i
const PARTS: Readonly<Record<PartName, RegExp>> = {
  train: /^train(ing)?$/i,
  validation: /^(val|valid|validation|dev|eval)$/i,
  test: /^test(ing)?$/i,
}

/** Whether a file is called a picture that can be read. */
export const isPictureFile = (name: string): boolean => PICTURE.test(name)

/** Whether a name is that of something that systems leave behind. */
export const isLitter = (name: string): boolean => LITTER.test(name)

const nfc = (name: string) => name.normalize('NFC')
const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
  a.name < b.name ? -1 : Number(a.name > b.name)

/** The part that a folder or a split is called after. */
export const partNamed = (name: string) => (Object.keys(PARTS) as PartName[]).find(part => PARTS[part].test(nfc(name)))

/** A folder or a file, links followed. */
interface Entry {
  readonly name: string
  readonly path: string
  readonly isFolder: boolean
  readonly isLink: boolean
}

/** Lists folders, says what is left out, and reads no folder twice. */
class Walker {
  readonly intake = new IntakeCounter('pictures')
  /** Real paths of the folders that hold classes, and of the classes: no link leads from one class into another. */
  readonly #holders = new Set<string>()
  readonly #classes = new Set<string>()
  /** Real paths of the folders that are read, and of the pictures that links led to. */
  readonly #seen = new Set<string>()

  /** Takes note of a folder that holds class folders. */
  async holds(folder: string): Promise<void> {
    this.#holders.add(await realpath(folder))
  }

  /** Takes note of a folder that is a class, before any class is read. */
  async isClass({ path }: Entry): Promise<void> {
    // One that is gone by now is said when it is read.
    const real = await realpath(path).catch(() => undefined)
    if (real !== undefined) this.#classes.add(real)
  }

  /**
   * The entries of a folder that may matter, sorted by name. `place` is the folder's name for people, with a `/` at its
   * end.
   */
  async entries(folder: string, place: string): Promise<Entry[]> {
    const found: Entry[] = []
    const entries = await readdir(folder, { withFileTypes: true })
    const notText = namesNotText(folder, entries.map(entry => entry.name))
    for (const entry of entries) {
      const written = notText.get(entry.name)
      if (written !== undefined) {
        const what = entry.isDirectory() ? 'folder whose name is not UTF-8' : 'with a name that is not UTF-8'
        this.intake.leaveOut(what, place + written)
        continue
      }
      if (isLitter(entry.name)) continue
      const path = join(folder, entry.name)
      const name = nfc(entry.name)
      const kind = await this.#kindOf(entry, path)
      if (kind === undefined) this.intake.leaveOut('broken link', place + name)
      else if (entry.name.startsWith('.')) this.#leaveHidden(name, place, kind)
      else if (kind === 'other') this.intake.leaveOut('neither a file nor a folder', place + name)
      else found.push({ name, path, isFolder: kind === 'folder', isLink: entry.isSymbolicLink() })
    }
    return found.sort(byName)
  }

  async #kindOf(entry: Dirent, path: string): Promise<'folder' | 'file' | 'other' | undefined> {
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry
    return kind && (kind.isDirectory() ? 'folder' : kind.isFile() ? 'file' : 'other')
  }

  #leaveHidden(name: string, place: string, kind: string): void {
    if (kind === 'folder') this.intake.leaveOut('hidden folder', place + name)
    else if (isPictureFile(name)) this.intake.leaveOut('hidden', place + name)
  }

  /** Whether a file is called a picture that is read; if not, it is said. */
  accepts(file: Entry, place: string): boolean {
    if (isPictureFile(file.name)) return true
    this.intake.leaveOut(
      OTHER_FORMAT.test(file.name) ? 'of a format that is not read' : 'no picture',
      place + file.name,
    )
    return false
  }

  /** Why a folder within the class `top` is not read; undefined where it is. */
  #refusal(real: string, top: string): string | undefined {
    // Links may lead in circles, and several to one place.
    if (this.#seen.has(real)) return 'link to a folder that is read already'
    if (real === top) return undefined
    if (this.#holders.has(real)) return 'link to a folder that holds the classes'
    return this.#isOfAnotherClass(real, top) ? 'link into the folder of another class' : undefined
  }

  #isOfAnotherClass(real: string, top: string): boolean {
    return [...this.#classes].some(
      other => other !== top && (real === other || (real.startsWith(other + sep) && !top.startsWith(other + sep))),
    )
  }

  /**
   * Why a link to a picture within the class `top` is not read: each picture is one example, of the class that it lies
   * in.
   */
  async #linkRefusal({ path }: Entry, top: string): Promise<string | undefined> {
    const real = await realpath(path)
    if (this.#isOfAnotherClass(real, top)) return 'link to a picture in another class folder'
    const below = relative(top, real).split(sep)
    const isReadThere =
      below[0] !== '..' && isPictureFile(real) && !below.some(name => name.startsWith('.') || isLitter(name))
    if (isReadThere || this.#seen.has(real)) return 'link to a picture that is read already'
    this.#seen.add(real)
    return undefined
  }

  /**
   * All pictures below a folder, whatever lies between, sorted by their path.
   * @param top real path of the class folder; default this one
   */
  async picturesBelow(folder: string, place: string, top?: string): Promise<{ path: string; name: string }[]> {
    let entries: Entry[]
    let real: string
    try {
      real = await realpath(folder)
      const refusal = this.#refusal(real, top ?? real)
      if (refusal !== undefined) {
        this.intake.leaveOut(refusal, place.slice(0, -1))
        return []
      }
      this.#seen.add(real)
      entries = await this.entries(folder, place)
    } catch {
      this.intake.leaveOut('folder that cannot be read', place.slice(0, -1))
      return []
    }
    const pictures: { path: string; name: string }[] = []
    for (const entry of entries) {
      const name = place + entry.name
      if (entry.isFolder) {
        for (const picture of await this.picturesBelow(entry.path, `${name}/`, top ?? real)) pictures.push(picture)
      } else if (this.accepts(entry, place)) {
        const refusal = entry.isLink ? await this.#linkRefusal(entry, top ?? real) : undefined
        if (refusal === undefined) pictures.push({ path: entry.path, name })
        else this.intake.leaveOut(refusal, name)
      }
    }
    return pictures.sort(byName)
  }
}

type Pictures = { path: string; name: string }[]

/** The pictures of each class of one part: a folder of the part is a class, two of one name in NFC are one. */
async function byClass(walker: Walker, entries: readonly Entry[], place: string): Promise<Map<string, Pictures>> {
  const classes = new Map<string, Pictures>()
  for (const entry of entries) {
    if (!entry.isFolder) {
      if (walker.accepts(entry, place)) walker.intake.leaveOut('beside the class folders', place + entry.name)
      continue
    }
    const pictures = await walker.picturesBelow(entry.path, `${place}${entry.name}/`)
    if (pictures.length === 0) walker.intake.leaveOut('folder without pictures', place + entry.name)
    else classes.set(entry.name, [...(classes.get(entry.name) ?? []), ...pictures].sort(byName))
  }
  return classes
}

/** What lies in the folder that holds the class folders: a single folder that only wraps others is gone through. */
async function unwrap(walker: Walker, folder: string): Promise<{ entries: Entry[]; place: string }> {
  let entries = await walker.entries(folder, '')
  let place = ''
  await walker.holds(folder)
  for (;;) {
    const folders = entries.filter(({ isFolder }) => isFolder)
    const [only] = folders
    if (
      folders.length !== 1 ||
      !only ||
      partNamed(only.name) ||
      entries.some(({ isFolder, name }) => !isFolder && isPictureFile(name))
    )
      return { entries, place }
    // Only looked at: what is said of it is said when it is read.
    const inner = await new Walker().entries(only.path, '')
    if (
      inner.filter(({ isFolder }) => isFolder).length < 2 ||
      inner.some(({ isFolder, name }) => !isFolder && isPictureFile(name))
    )
      return { entries, place }
    walker.intake.note(`the classes are the folders of ${only.name}`)
    for (const entry of entries) if (!entry.isFolder) walker.accepts(entry, place)
    place += `${only.name}/`
    entries = await walker.entries(only.path, place)
    await walker.holds(only.path)
  }
}

/** Folders that are parts by their names, where `train` is among them and is itself divided into classes. */
async function partFolders(entries: readonly Entry[]): Promise<Map<PartName, Entry[]> | undefined> {
  const folders = entries.filter(({ isFolder }) => isFolder)
  const parts = new Map<PartName, Entry[]>()
  for (const folder of folders) {
    const part = partNamed(folder.name)
    if (part) parts.set(part, [...(parts.get(part) ?? []), folder])
  }
  const [train] = parts.get('train') ?? []
  if (!train || (parts.size === 1 && folders.length > 1)) return undefined
  return (await new Walker().entries(train.path, '')).some(({ isFolder }) => isFolder) ? parts : undefined
}

const emptyFolder = (folder: string, walker: Walker, found: readonly string[]) =>
  new UserError({
    rule: `${folder} must hold one folder of pictures (PNG, JPEG, WebP, GIF or BMP) for each class.`,
    received: [
      found.length === 0 ? 'no folders' : `folders without images: ${found.join(', ')}`,
      ...walker.intake.result().leftOut.map(({ count, reason, first }) => `${count} ${reason} (${first.join(', ')})`),
    ].join('; '),
    next: 'For example pictures/cat/1.png and pictures/dog/7.jpg',
  })

/**
 * Lists the pictures of a folder that holds one folder for each class, or parts (train, validation, test) that do.
 * @param wanted names of the classes in order; default those that are found, sorted
 * @throws UserError when the folder cannot be read, holds no pictures in class folders, or lacks a class that is wanted
 */
export async function listPictures(folder: string, wanted?: readonly string[]): Promise<PictureListing> {
  const walker = new Walker()
  let entries: Entry[]
  let place: string
  try {
    ;({ entries, place } = await unwrap(walker, folder))
  } catch (error) {
    throw new UserError(
      {
        rule: `${folder} must be a folder that can be read.`,
        received: error instanceof Error ? error.message : String(error),
        next: 'Check the path, and whether you may read it.',
      },
      { cause: error },
    )
  }
  const divided = await partFolders(entries)
  const found = new Map<PartName | 'all', Map<string, Pictures>>()
  if (divided) {
    for (const entry of entries)
      if (!entry.isFolder || !partNamed(entry.name)) walker.intake.leaveOut('beside the parts', place + entry.name)
    const inside = new Map<Entry, Entry[]>()
    for (const folder of [...divided.values()].flat()) {
      await walker.holds(folder.path)
      inside.set(folder, await walker.entries(folder.path, `${place}${folder.name}/`))
    }
    for (const entry of [...inside.values()].flat()) if (entry.isFolder) await walker.isClass(entry)
    for (const part of divided.keys()) found.set(part, new Map())
    // A folder that several parts link to belongs to the first of them: what is trained on is not tested on.
    for (const part of Object.keys(PARTS) as PartName[]) {
      const classes = new Map<string, Pictures>()
      for (const folder of divided.get(part) ?? []) {
        for (const [label, pictures] of await byClass(walker, inside.get(folder) ?? [], `${place}${folder.name}/`))
          classes.set(label, [...(classes.get(label) ?? []), ...pictures])
      }
      if (divided.has(part)) found.set(part, classes)
    }
  } else {
    for (const entry of entries) if (entry.isFolder) await walker.isClass(entry)
    found.set('all', await byClass(walker, entries, place))
  }
  const main = [...(found.get('train') ?? found.get('all') ?? new Map<string, Pictures>()).keys()].sort()
  if (main.length === 0)
    throw emptyFolder(
      folder,
      walker,
      entries.filter(({ isFolder }) => isFolder).map(({ name }) => name),
    )
  const classes = wanted?.map(nfc) ?? main
  const alike = wanted ? undefined : alikeClasses('the folder', classes)
  if (alike !== undefined) walker.intake.note(alike)
  const missing = classes.find(name => ![...found.values()].some(part => part.has(name)))
  if (missing !== undefined) {
    const near = nearestName(missing, main)
    throw new UserError({
      rule: `${folder} has no pictures of the class '${missing}'.`,
      received: `classes: ${classes.join(', ')}`,
      next: near === undefined ? `Use some of: ${main.join(', ')}` : `did you mean '${near}'?`,
    })
  }
  const parts: Record<string, ListedPicture[]> = {}
  for (const [part, pictures] of found) {
    parts[part] = classes.flatMap((name, label) => (pictures.get(name) ?? []).map(picture => ({ ...picture, label })))
    const reason = wanted ? 'of a class that was not asked for' : 'of a class that the training part lacks'
    for (const [name, others] of pictures)
      if (!classes.includes(name)) for (const other of others) walker.intake.leaveOut(reason, other.name)
    const absent = classes.filter(name => !pictures.has(name))
    if (part !== 'all' && absent.length > 0)
      walker.intake.note(
        `no pictures of ${absent.slice(0, 5).join(', ')}${absent.length > 5 ? ', ...' : ''} in ${part}`,
      )
  }
  return { folder: basename(resolve(folder)), classes, parts, intake: walker.intake.result() }
}

/**
 * Lists all pictures below a folder, whatever lies between, without classes: links are followed, and what is left out
 * is said.
 * @returns the pictures with their paths within the folder, sorted, and what was left out
 * @throws UserError when the folder cannot be read or holds no picture
 */
export async function listPicturesBelow(
  folder: string,
): Promise<{
  readonly pictures: readonly { readonly path: string; readonly name: string }[]
  readonly intake: Intake
}> {
  const walker = new Walker()
  try {
    await readdir(folder)
  } catch (error) {
    throw new UserError(
      {
        rule: `${folder} must be a folder that can be read.`,
        received: error instanceof Error ? error.message : String(error),
        next: 'Check the path, and whether you may read it.',
      },
      { cause: error },
    )
  }
  const pictures = await walker.picturesBelow(folder, '')
  const intake = walker.intake.result()
  if (pictures.length > 0) return { pictures, intake }
  throw new UserError({
    rule: 'The folder holds no picture (PNG, JPEG, WebP, GIF or BMP).',
    received: [folder, leftOutText(intake.leftOut)].filter(Boolean).join('; left out: '),
    next: 'Check the path.',
  })
}
