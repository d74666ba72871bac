// Pairs of sequences as data: a source and what it becomes, both as lists of tokens.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { ownData, type DataIo, type DataPart, type DataSource } from './data-source.ts'
import { encodePairs, pairCodec, pairTextForm, type PairCut, type PairTexts, type PairUnits } from './pair-codec.ts'

export { rightTexts } from '@ddlf/data'
export { PAIR_TOKENS, type PairTexts, type PairUnits } from './pair-codec.ts'

/** Settings of an experiment on pairs, to be spread into its own. */
export const pairSettings = {
  longest: z
    .number()
    .int()
    .min(2)
    .max(4096)
    .default(32)
    .describe('tokens of a sequence, its end included; longer pairs are not learned from, and cut where they judge'),
  vocabulary: z.number().int().min(0).default(0).describe('tokens that there are; found in the data'),
}

/** The setting of an experiment whose pairs are cut into subwords, to be spread beside {@link pairSettings}. */
export const subwordSettings = {
  subwords: z
    .number()
    .int()
    .min(300)
    .max(100_000)
    .default(4000)
    .describe('entries of the vocabulary of subwords, where sequences are cut into them'),
}

/** What the source reads of the settings. */
export interface PairDataSettings {
  readonly longest: number
  readonly subwords?: number
  readonly vocabulary?: number
  /** How often a symbol must stand in the training part to be in the vocabulary; default once. */
  readonly minFrequency?: number
}

/** What {@link pairSource} is made of. */
export interface PairSourceOptions<Settings> {
  /** Id of a published set, or a name for people. */
  readonly name: string
  readonly parts: readonly DataPart[]
  /** The texts of a part; they must follow from the settings and the sets that are asked for. */
  readonly texts: (part: DataPart, settings: Settings, io: DataIo) => PairTexts | Promise<PairTexts>
  /** What sources and targets are cut into; `subwords` goes for both. */
  readonly source: PairUnits
  readonly target: PairUnits
  /**
   * Whether sources and targets have a vocabulary each; default one for both. The settings `vocabulary`, of targets,
   * and `sourceVocabulary` are then found.
   */
  readonly apart?: boolean
  /** Training pairs, where their number is known. */
  readonly examples?: (settings: Settings) => number
  /** How what a person asks is written as sources are, in small letters for example; default as it stands. */
  readonly asked?: (text: string, settings: Settings) => string
}

/** The columns of a batch. */
function pairColumns({ longest }: PairDataSettings) {
  const column = { dtype: 'int32', shape: [longest] } as const
  return { source: column, target: column }
}

/**
 * Pairs of sequences: columns `source` and `target`, int32 of as many tokens as each has, the end included, and the
 * texts `source` and `target` (everything that counts as right, a line each). The vocabulary is counted or learned in
 * the training part, and kept by the run. In training a source stands once with each of its targets, elsewhere once.
 * @example
 * pairSource({ name: 'cmudict', parts: ['train', 'test'], source: 'characters', target: 'blanks', texts })
 */
export function pairSource<Settings extends PairDataSettings>(
  options: PairSourceOptions<Settings>,
): DataSource<Settings> {
  const { name, parts, texts, source, target, examples, asked, apart = false } = checkOptions('pairSource', options, [
    'name', 'parts', 'texts', 'source', 'target', 'examples', 'asked', 'apart',
  ])
  if ((source === 'subwords') !== (target === 'subwords') || (apart && source === 'subwords')) {
    const received = `${source} and ${target}${apart ? ', apart' : ''}`
    throw new UserError({ rule: "pairSource: 'subwords' goes for both sides, of one vocabulary.", received })
  }
  const cutOf = ({ subwords, minFrequency }: Settings): PairCut => ({ source, target, subwords, minFrequency, apart })
  const codecOf = (settings: Settings, io: DataIo) =>
    pairCodec(cutOf(settings), (file, make) => io.artifact(file, make), () => texts('train', settings, io))
  return {
    name,
    parts,
    form(settings) {
      const { vocabulary = 0 } = settings
      return {
        columns: pairColumns(settings),
        ...(vocabulary > 0 && { vocabulary }),
        ...(examples && { examples: examples(settings) }),
      }
    },
    async settle(settings, io) {
      const { size, sourceSize } = await codecOf(settings, io)
      return { vocabulary: size, ...(apart && { sourceVocabulary: sourceSize }) }
    },
    async load(part, settings, io) {
      const codec = await codecOf(settings, io)
      const found = await texts(part, settings, io)
      return encodePairs(`${name}/${part}`, part, found, codec, settings.longest, io.shared)
    },
    async textForm(settings, artifact) {
      const form = await pairTextForm(cutOf(settings), settings.longest, artifact)
      return asked ? { ...form, read: text => form.read(asked(text, settings)) } : form
    },
  }
}

/** What the source of own pairs reads of the settings. */
export interface OwnPairSettings extends PairDataSettings {
  readonly units: PairUnits
}

/** What own pairs are cut into. */
export const cutOfOwn = ({ units, subwords }: OwnPairSettings): PairCut => ({ source: units, target: units, subwords })

/** A user's own table of pairs: columns as of {@link pairSource}. */
export const ownPairs: DataSource<OwnPairSettings> = {
  ...ownData('text-pairs', 'your table of pairs', pairColumns),
  textForm: (settings, artifact) => pairTextForm(cutOfOwn(settings), settings.longest, artifact),
}
