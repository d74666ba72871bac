// A user's own tables of pairs of texts as training and test data: divided by source, then cut into tokens.
import { UserError } from '@ddlf/tensor/errors'
import { rightTexts, type Dataset } from '@ddlf/data'
import { readPairs } from '@ddlf/data/node'
import type { DataIo, DataPart } from '../data-source.ts'
import { encodePairs, longPairs, pairCodec, type PairCodec, type PairTexts } from '../pair-codec.ts'
import { cutOfOwn, type OwnPairSettings } from '../pairs.ts'
import { withTest, type OwnParts, type TableSettings } from './own-tables.ts'

/** Settings of what learns from own pairs. */
export interface PairTableSettings extends TableSettings, OwnPairSettings {
  readonly source: string
  readonly target: string
  readonly strict: boolean
}

/**
 * Reads own pairs. A source with all its targets is one example, so that none is in two parts of a divided table.
 * @returns the parts, and the settings with the columns that were found
 */
export async function pairParts(data: string, given: PairTableSettings): Promise<OwnParts<PairTableSettings>> {
  const { header, delimiter, source, target } = given
  const form = { ...(header !== 'auto' && { header }), ...(delimiter !== '' && { delimiter }) }
  const { dataset, columns } = await readPairs(data, { source, target, ...form })
  const parts = await withTest(dataset, given, async file => (await readPairs(file, { ...columns, ...form })).dataset)
  return { ...parts, settings: { ...given, ...columns } }
}

const textsOf = ({ text }: Dataset): PairTexts => ({
  sources: text?.['source'] ?? [], targets: (text?.['target'] ?? []).map(rightTexts),
})

/** What to say of pairs of a part that have more tokens than the model reads. */
function lengthNote(part: DataPart, set: Dataset, codec: PairCodec, longest: number): string[] {
  const { all, long, most } = longPairs(part, textsOf(set), codec, longest)
  if (long === 0) return []
  const which = `${long} of ${all} ${part === 'train' ? 'training' : part} pairs ${long === 1 ? 'has' : 'have'}`
  const what = part === 'train' ? 'not learned from' : 'cut where they judge'
  return [`${which} more than longest=${longest} tokens and are ${what}; with --set longest=${most} none would be`]
}

/** How own pairs become what the model reads. */
export interface PairEncoding {
  readonly settings: PairTableSettings
  readonly encode: (set: Dataset, part: DataPart, shared?: boolean) => Dataset
  readonly notes: readonly string[]
}

/**
 * Finds the vocabulary (a run's own, or that of the training part), and with it how pairs become numbers.
 * @throws UserError with the setting `strict` where pairs are too long to be read whole
 */
export async function pairEncoding(
  given: PairTableSettings,
  { train, ...judged }: { readonly train: Dataset; readonly validation?: Dataset; readonly test: Dataset },
  io: DataIo,
): Promise<PairEncoding> {
  const { longest, units, strict } = given
  const codec = await pairCodec(cutOfOwn(given), (name, make) => io.artifact(name, make), () => textsOf(train))
  const long = [
    ...lengthNote('train', train, codec, longest),
    ...Object.entries(judged).flatMap(([part, set]) => lengthNote(part as DataPart, set, codec, longest)),
  ]
  if (strict && long.length > 0) {
    throw new UserError({
      rule: 'With --strict, every pair must be learned from and judged whole.',
      received: long.join('; '),
      next: 'Set longest so, shorten the texts, or leave --strict out.',
    })
  }
  const what = units === 'blanks' ? 'words' : units
  return {
    settings: { ...given, vocabulary: codec.size },
    encode: (set, part, shared = false) => ({
      ...encodePairs(set.name, part, textsOf(set), codec, longest, shared),
      ...(set.intake && { intake: set.intake }),
    }),
    notes: [`a vocabulary of ${codec.size} tokens: ${what}, and 4 that begin, end and fill up`, ...long],
  }
}
