// The random changes of images that training may ask for, as plain records: they cross threads and are kept in
// run.json.
import { z } from 'zod'
import { UserError, nearestName } from '@ddlf/tensor/errors'

const column = z.string().default('images').describe('column of images that the transform changes')
const probability = (value: number) =>
  z.number().min(0).max(1).default(value).describe('chance that an example is changed')
const fill = z
  .number()
  .int()
  .min(0)
  .max(255)
  .default(0)
  .describe('grey level of pixels that come from outside the image')
const range = z.tuple([z.number(), z.number()])

const schemas = {
  /**
   * Pads each side and cuts a window of the original size at a random place (Krizhevsky 2009; He et al. 2015, section
   * 4.2).
   */
  randomCrop: z.strictObject({
    kind: z.literal('randomCrop'),
    padding: z.number().int().min(0).max(64),
    edge: z
      .enum(['fill', 'mirror'])
      .default('fill')
      .describe('what the padding holds: a grey level, or the image mirrored at its edge'),
    fill,
    column,
  }),
  /** Mirrors left and right. */
  horizontalFlip: z.strictObject({ kind: z.literal('horizontalFlip'), probability: probability(0.5), column }),
  /**
   * Mirrors left and right in every second epoch: which examples begin mirrored is drawn once, so that any two epochs
   * in a row show both sides of each (Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, section 3.6).
   */
  alternatingFlip: z.strictObject({ kind: z.literal('alternatingFlip'), column }),
  /** Turns about the centre by a uniform angle of at most `degrees` either way. */
  rotation: z.strictObject({ kind: z.literal('rotation'), degrees: z.number().min(0).max(180), fill, column }),
  /** Rotation, shear (degrees), scaling and translation (share of the side), each uniform, about the centre. */
  affine: z.strictObject({
    kind: z.literal('affine'),
    degrees: z.number().min(0).max(180).default(0),
    translate: z.number().min(0).max(1).default(0),
    scale: range
      .refine(([low, high]) => low > 0 && high >= low, 'must be two numbers, 0 < low <= high')
      .default([1, 1]),
    shear: z.number().min(0).max(89).default(0),
    fill,
    column,
  }),
  /**
   * Moves every pixel by a smooth random field: uniform noise in [-1, 1], smoothed by a Gaussian of `sigma` pixels,
   * scaled to `alpha` (Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", ICDAR 2003,
   * section 2).
   */
  elastic: z.strictObject({
    kind: z.literal('elastic'),
    alpha: z.number().min(0).max(1000).default(34),
    sigma: z.number().min(0.1).max(32).default(4),
    fill,
    column,
  }),
  /** Blanks a square of `size` pixels whose centre is uniform over the image (DeVries and Taylor, arXiv:1708.04552). */
  cutout: z.strictObject({ kind: z.literal('cutout'), size: z.number().int().min(1).max(256), fill, column }),
  /**
   * Replaces a random rectangle by noise (Zhong et al., "Random erasing data augmentation", AAAI 2020, algorithm 1).
   */
  randomErasing: z.strictObject({
    kind: z.literal('randomErasing'),
    probability: probability(0.5),
    area: range
      .refine(([low, high]) => low > 0 && high >= low && high <= 1, 'must be two shares, 0 < low <= high <= 1')
      .default([0.02, 0.4]),
    aspect: range
      .refine(([low, high]) => low > 0 && high >= low, 'must be two ratios, 0 < low <= high')
      .default([0.3, 1 / 0.3]),
    column,
  }),
  /**
   * Blends each image with another of its batch: x = lambda x_i + (1 - lambda) x_j, lambda ~ Beta(alpha, alpha)
   * (Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018, equation 1). Adds two columns to the batch:
   * `mixedLabels` (int32, the label of x_j) and `lambda` (float32), so that the loss is
   * lambda * loss(labels) + (1 - lambda) * loss(mixedLabels).
   */
  mixup: z.strictObject({
    kind: z.literal('mixup'),
    alpha: z.number().positive().max(100).default(0.2),
    labels: z.string().default('labels'),
    column,
  }),
  /**
   * Puts a window of another image of the batch into each: its sides are sqrt(1 - lambda) of the image's, lambda ~
   * Beta(alpha, alpha), its centre is uniform (Yun et al., "CutMix", ICCV 2019, equations 1 and 2). Adds the columns
   * that
   * `mixup` adds; `lambda` is the share of the image that is still its own.
   */
  cutmix: z.strictObject({
    kind: z.literal('cutmix'),
    alpha: z.number().positive().max(100).default(1),
    labels: z.string().default('labels'),
    column,
  }),
  /**
   * Turns bytes into float32: (x / 255 - mean) / standardDeviation for each channel. Only as the last transform; a
   * model that normalises inside its graph keeps the batches four times smaller.
   */
  normalize: z.strictObject({
    kind: z.literal('normalize'),
    mean: z.array(z.number()).min(1),
    standardDeviation: z.array(z.number().positive()).min(1),
    column,
  }),
}

/** The names of all transforms. */
export const transformKinds = Object.keys(schemas) as readonly TransformKind[]
export type TransformKind = keyof typeof schemas
/** A transform as it is written down; fields with a default may be left out. */
export type Transform = { [Kind in TransformKind]: z.input<(typeof schemas)[Kind]> }[TransformKind]
/** A transform with every field filled in. */
export type ResolvedTransform = { [Kind in TransformKind]: z.output<(typeof schemas)[Kind]> }[TransformKind]
/** The resolved form of one kind. */
export type ResolvedOf<Kind extends TransformKind> = z.output<(typeof schemas)[Kind]>

/** The zod schema of one transform, for the configuration of an experiment. */
export const transformSchema = z.discriminatedUnion('kind', [
  schemas.randomCrop,
  schemas.horizontalFlip,
  schemas.alternatingFlip,
  schemas.rotation,
  schemas.affine,
  schemas.elastic,
  schemas.cutout,
  schemas.randomErasing,
  schemas.mixup,
  schemas.cutmix,
  schemas.normalize,
])

/**
 * Checks a transform and fills in the defaults.
 * @throws UserError on an unknown kind or field, or a value out of range
 */
export function resolveTransform(transform: Transform): ResolvedTransform {
  const result = transformSchema.safeParse(transform)
  if (result.success) return result.data
  const kind: string = transform.kind
  if (!(transformKinds as readonly string[]).includes(kind)) {
    const near = nearestName(kind, transformKinds)
    throw new UserError({
      rule: `There is no transform named '${kind}'.`,
      received: JSON.stringify(transform),
      next: near === undefined ? `Use one of: ${transformKinds.join(', ')}` : `did you mean '${near}'?`,
    })
  }
  const [issue] = result.error.issues
  throw new UserError({
    rule: `The transform '${kind}' is not well formed: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.replace(
      / +/g,
      ' ',
    ),
    received: JSON.stringify(transform),
  })
}
