// A folder of pictures by class as a data set: listed, divided, then decoded several at once to the size asked for.
import { availableParallelism } from 'node:os'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { allocate } from '../dataset.ts'
import type { Dataset } from '../dataset.ts'
import { splitIndices } from '../split.ts'
import { IntakeCounter, mergeIntakes, refuseLeftOut } from './intake.ts'
import { decodeImage } from './pictures/decode-image.ts'
import { listPictures, partNamed } from './pictures/list-pictures.ts'
import type { ListedPicture, PictureListing } from './pictures/list-pictures.ts'
import { withPictureBytes } from './pictures/read-picture-bytes.ts'
import type { Fit } from './pictures/resize-image.ts'

/** Hears how many items are done. */
export type OnItems = (progress: { readonly items: string; readonly done: number; readonly total: number }) => void

/** How the images of a folder become a data set. */
export interface ImageFolderOptions {
  /** Height and width to which every image is resized; default 32 x 32. */
  readonly size?: readonly [height: number, width: number]
  /** 1 for grey levels, 3 for colour; default 3. */
  readonly channels?: 1 | 3
  /**
   * What happens to pictures of other proportions: `crop` (default) keeps the middle, `pad` adds black, `stretch`
   * distorts.
   */
  readonly fit?: Fit
  /** Names of the classes in order; default the names of the folders, sorted. */
  readonly classes?: readonly string[]
  /** Leave out what cannot be decoded instead of refusing it; default false. */
  readonly skipDamaged?: boolean
  /** Refuse data of which anything is left out; default false. */
  readonly strict?: boolean
  readonly shared?: boolean
  readonly onItems?: OnItems
}

/** The names of {@link ImageFolderOptions}. */
export const IMAGE_FOLDER_OPTIONS = [
  'size',
  'channels',
  'fit',
  'classes',
  'skipDamaged',
  'strict',
  'shared',
  'onItems',
] as const

/** Damaged files named in a message. */
const MOST_NAMED = 100

async function readPicture({ path, name }: ListedPicture, options: ImageFolderOptions): Promise<Uint8Array> {
  const { size = [32, 32], channels = 3, fit = 'crop' } = options
  return (await withPictureBytes(path, name, bytes => decodeImage(bytes, { channels, size, fit }, name))).data
}

/** What is wrong with a file, without the sentence around it. */
const faultOf = (error: unknown) =>
  error instanceof UserError
    ? (error.parts.received ?? error.parts.rule)
    : error instanceof Error
      ? error.message
      : String(error)

/**
 * Decodes pictures into one array, several at once; those that cannot be decoded are named with what is wrong.
 * @param keep takes the pixels of a picture by its number
 */
async function decodeAll(
  pictures: readonly ListedPicture[],
  options: ImageFolderOptions,
  keep: (pixels: Uint8Array, k: number) => void,
  onDone: () => void,
): Promise<Map<number, string>> {
  const faults = new Map<number, string>()
  let next = 0
  const work = async () => {
    for (let k = next++; k < pictures.length; k = next++) {
      try {
        keep(await readPicture(pictures[k] as ListedPicture, options), k)
      } catch (error) {
        faults.set(k, faultOf(error))
      }
      onDone()
    }
  }
  await Promise.all(Array.from({ length: Math.min(8, Math.max(2, availableParallelism())) }, work))
  return faults
}

/** The set of the pictures that could be decoded: the others' places are closed up. */
function datasetOf(
  name: string,
  pictures: readonly ListedPicture[],
  data: Uint8Array,
  shape: readonly number[],
  faults: ReadonlyMap<number, string>,
  { classes }: PictureListing,
  shared: boolean,
): Dataset {
  const area = data.length / Math.max(1, pictures.length)
  const sound = pictures.filter((_, k) => !faults.has(k))
  const labels = allocate('int32', sound.length, shared)
  sound.forEach(({ label }, k) => (labels[k] = label))
  if (faults.size > 0) {
    let to = 0
    for (let k = 0; k < pictures.length; k++) if (!faults.has(k)) data.copyWithin(area * to++, area * k, area * (k + 1))
  }
  return {
    name,
    length: sound.length,
    columns: {
      images: { dtype: 'uint8', shape, data: data.subarray(0, area * sound.length) },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
    text: { file: sound.map(picture => picture.name) },
    classes,
  }
}

function refuseDamaged(folder: string, damaged: readonly { name: string; fault: string }[]): never {
  const named = damaged.slice(0, MOST_NAMED).map(({ name, fault }) => `\n    ${name}: ${fault}`)
  throw new UserError({
    rule: `${folder}: every picture must be sound.`,
    received: `${damaged.length} ` +
      `damaged${named.join('')}${damaged.length > MOST_NAMED ? `\n    and ${damaged.length - MOST_NAMED} more` : ''}`,
    next: 'Mend or remove them, or leave them out: --skip-damaged (the setting skipDamaged=true)',
  })
}

/** How parts are read. */
interface ReadOptions extends ImageFolderOptions {
  readonly notes?: readonly string[]
  /** The one part whose pictures are kept: the others are decoded to see whether they are sound, and counted. */
  readonly only?: string
  /** The one part that is put into shared memory, where `shared` is set; default all. */
  readonly sharedPart?: string
}

/** Decodes parts of a listing. All that is damaged in any of them is found before it is refused. */
async function readParts(
  listing: PictureListing,
  parts: Readonly<Record<string, readonly ListedPicture[]>>,
  options: ReadOptions,
): Promise<Record<string, Dataset>> {
  const {
    size = [32, 32],
    channels = 3,
    shared = false,
    strict = false,
    skipDamaged = false,
    onItems,
    notes = [],
    only,
    sharedPart,
  } = options
  const { folder } = listing
  if (strict) refuseLeftOut(listing.intake, folder)
  const shape = [channels, ...size]
  const area = channels * size[0] * size[1]
  const total = Object.values(parts).reduce((sum, { length }) => sum + length, 0)
  let done = 0
  const counter = new IntakeCounter('pictures')
  for (const note of notes) counter.note(note)
  const damaged: { name: string; fault: string }[] = []
  const sets: Record<string, Dataset> = {}
  for (const [part, pictures] of Object.entries(parts)) {
    const isKept = only === undefined || part === only
    const isShared = shared && (sharedPart === undefined || part === sharedPart)
    const data = allocate('uint8', isKept ? pictures.length * area : 0, isShared) as Uint8Array
    const keep = (pixels: Uint8Array, k: number) => {
      if (isKept) data.set(pixels, k * area)
    }
    const faults = await decodeAll(pictures, options, keep, () => onItems?.({ items: 'pictures', done: ++done, total }))
    for (const [k, fault] of [...faults].sort((a, b) => a[0] - b[0])) {
      const name = pictures[k]?.name ?? ''
      damaged.push({ name, fault })
      counter.leaveOut('damaged', name)
    }
    counter.use(pictures.length - faults.size)
    if (isKept)
      sets[part] = datasetOf(
        part === 'all' ? folder : `${folder}/${part}`,
        pictures,
        data,
        shape,
        faults,
        listing,
        isShared,
      )
  }
  if (damaged.length > 0 && !skipDamaged) refuseDamaged(folder, damaged)
  const intake = mergeIntakes([listing.intake, counter.result()])
  if (strict) refuseLeftOut(intake, folder)
  if (intake.used === 0)
    throw new UserError({
      rule: `${folder} must hold pictures that can be decoded.`,
      received: `${damaged.length} damaged ones`,
      next: 'Save them again as PNG or JPEG.',
    })
  return Object.fromEntries(Object.entries(sets).map(([part, set]) => [part, { ...set, intake }]))
}

/** How a folder that is not divided already is divided. */
export interface Division {
  /** Share of each part. */
  readonly fractions: Readonly<Record<string, number>>
  readonly seed: number
}

function divide(pictures: readonly ListedPicture[], { fractions, seed }: Division): Record<string, ListedPicture[]> {
  const labels = Int32Array.from(pictures, ({ label }) => label)
  const listed: Dataset = {
    name: 'pictures',
    length: pictures.length,
    columns: { labels: { dtype: 'int32', shape: [], data: labels } },
  }
  const parts = splitIndices(listed, { fractions, seed, stratifyBy: 'labels' })
  return Object.fromEntries(
    Object.entries<Int32Array>(parts).map(([part, indices]) => [
      part,
      Array.from(indices, k => pictures[k] as ListedPicture),
    ]),
  )
}

const everything = ({ parts }: PictureListing): ListedPicture[] => Object.values(parts).flat()

/**
 * Reads a folder that holds one folder of pictures for each class; the class is the folder's name. Folders within a
 * class and links are followed.
 * @returns `images` uint8 [channels, height, width], `labels` int32, and the file names as the text column `file`
 * @throws UserError when there are no class folders or no images, or when files are damaged: all of them are named
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  checkOptions('loadImageFolder', options, IMAGE_FOLDER_OPTIONS)
  const listing = await listPictures(folder, options.classes)
  return (await readParts(listing, { all: everything(listing) }, options))['all'] as Dataset
}

/**
 * Reads all parts of a folder of pictures: those that lie in folders of their own (`train`, `validation` or `val`,
 * `test`, ...), else a random division. Where only `test` has no folder, it is held out of the training pictures. With
 * `shared` the part `train` is in shared memory; the others are for runtimes, which take none.
 * @throws UserError as {@link loadImageFolder}
 */
export async function loadImageParts(
  folder: string,
  division: Division,
  options: ImageFolderOptions = {},
): Promise<Record<string, Dataset>> {
  checkOptions('loadImageParts', options, IMAGE_FOLDER_OPTIONS)
  const listing = await listPictures(folder, options.classes)
  const { all, train = [], validation, test } = listing.parts
  const read = { ...options, sharedPart: 'train' }
  if (all) return readParts(listing, divide(all, division), read)
  const held = validation ? { validation } : {}
  if (test) return readParts(listing, { train, ...held, test }, read)
  const share = division.fractions['test'] ?? 0
  const parts = divide(train, { fractions: { train: 1 - share, test: share }, seed: division.seed })
  return readParts(
    listing,
    { ...parts, ...held },
    { ...read, notes: [`no test folder: ${Math.round(100 * share)} % of the training pictures are held out as test`] },
  )
}

/**
 * Reads one part of a folder of pictures: `all`, a part that lies in a folder of its own, or one of a random division.
 * The pictures of the other parts are looked at too, so that what is counted and what is damaged is the same whichever
 * part is read.
 * @throws UserError as {@link loadImageFolder}, and when there is no such part
 */
export async function loadImagePart(
  folder: string,
  split: string,
  division: Division,
  options: ImageFolderOptions = {},
): Promise<Dataset> {
  const listing = await listPictures(folder, options.classes)
  const { all, ...parts } = listing.parts
  if (split === 'all') return (await readParts(listing, { all: everything(listing) }, options))['all'] as Dataset
  const part = all ? split : (partNamed(split) ?? split)
  const available: Readonly<Record<string, readonly ListedPicture[]>> = all ? divide(all, division) : parts
  if (!Object.hasOwn(available, part)) {
    throw new UserError({
      rule: `${listing.folder} has no part named '${split}'.`,
      received: split,
      next: `Use one of: ${['all', ...Object.keys(available)].join(', ')}`,
    })
  }
  return (await readParts(listing, available, { ...options, only: part }))[part] as Dataset
}
