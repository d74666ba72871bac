// A user's own folder of pictures as training, validation and test data.
import type { Dataset } from '@ddlf/data'
import { loadImageParts, type Fit, type OnItems } from '@ddlf/data/node'

/** Settings of what learns from pictures. */
export interface PictureSettings {
  readonly classes: readonly string[]
  readonly testShare: number
  readonly splitSeed: number
  readonly size: number
  readonly grey: boolean
  readonly fit: Fit
  readonly skipDamaged: boolean
  readonly strict: boolean
}

/** How pictures are read. */
export interface ReadingOptions {
  /** Put the training part into memory that threads share. */
  readonly shared?: boolean
  /** Hears how many are read. */
  readonly onItems?: OnItems
}

/**
 * The parts of a folder of pictures: as it is divided already, or by the seed. A validation part is there only if it
 * has a folder.
 */
export interface PictureParts {
  readonly train: Dataset
  readonly validation?: Dataset
  readonly test: Dataset
}

/**
 * Reads the parts that the settings ask for.
 * @throws UserError where pictures are damaged, or something is left out and must not be
 */
export async function pictureParts(
  folder: string,
  settings: PictureSettings,
  { shared = false, onItems }: ReadingOptions = {},
): Promise<PictureParts> {
  const { classes, testShare, splitSeed, size, grey, fit, skipDamaged, strict } = settings
  const parts = await loadImageParts(
    folder,
    { fractions: { train: 1 - testShare, test: testShare }, seed: splitSeed },
    {
      size: [size, size],
      channels: grey ? 1 : 3,
      fit,
      skipDamaged,
      strict,
      shared,
      ...(classes.length > 0 && { classes }),
      ...(onItems && { onItems }),
    },
  )
  const { train, validation, test } = parts as { train: Dataset; validation?: Dataset; test: Dataset }
  return { train, test, ...(validation && { validation }) }
}
