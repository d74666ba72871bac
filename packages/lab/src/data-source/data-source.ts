// Where an experiment's data come from: what they look like, known without loading them, and how their parts are made.
import { UserError } from '@ddlf/tensor/errors'
import type { Dataset, TokenWriting } from '@ddlf/data'
import type { ColumnSpec } from '@ddlf/nn'

/** What data look like: known from the settings alone, for graphs, exports and predictions. */
export interface DataForm {
  /** Dtype and shape of one example of each column of numbers. */
  readonly columns: Readonly<Record<string, ColumnSpec>>
  /** The names of the classes; none where there are none. */
  readonly classes?: readonly string[]
  /** Training examples, where their number is known. */
  readonly examples?: number
  /** Where the data are tokens: how many there are, as many rows as an embedding needs. */
  readonly vocabulary?: number
}

/**
 * The size of the vocabulary, for a model.
 * @throws UserError where it is not known before the text is read
 */
export function vocabularyOf({ vocabulary }: DataForm): number {
  if (vocabulary !== undefined) return vocabulary
  throw new UserError({
    rule: 'The size of the vocabulary follows from the text, which is read when a training begins.',
    received: 'vocabulary=0',
    next: 'To look at the model beforehand, say how many tokens there are: --set vocabulary=100',
  })
}

/** Parts of data: learned from; choosing the best checkpoint; having the last word. */
export type DataPart = 'train' | 'validation' | 'test'

/** What a run keeps of its data beside its examples, by the name of the file: `tokenizer.json`. */
export type Artifacts = Readonly<Record<string, string>>

/** What a source may ask for. */
export interface DataIo {
  /** A split of a published set, fetched where it is missing; its files are recorded with the run. */
  dataset(id: string, split: string): Promise<Dataset>
  /** The texts of a file or of all text files of a folder, one after the other; long ones in parts. */
  texts(path: string): AsyncIterable<{ readonly text: string; readonly ends: boolean }>
  /**
   * A file that the run keeps: as it was kept when the run began, else that of the run that it begins from, else made
   * now. @param isFixed never another run's
   */
  artifact(name: string, make: () => Promise<string>, isFixed?: boolean): Promise<string>
  /** Whether the numbers of the training part belong into memory that threads share. */
  readonly shared: boolean
}

/** A text of the user's as a model reads it, and what the model writes as a text. */
export interface TextForm {
  /** The numbers of one example, filled up with 0. @throws UserError where the model cannot read the text */
  readonly read: (text: string) => Int32Array
  /** What its numbers stand for, in the plural: `tokens`. */
  readonly counts: string
  /** How a text becomes these numbers, in a sentence for somebody who has the model alone. */
  readonly told: string
  /** Where the model writes tokens: how they become a text. */
  readonly writing?: TokenWriting
}

/**
 * Forms of a user's own data: a folder of images by class, a table with a text and a label a row, a table of numbers
 * and categories, texts in a file or a folder, a table of pairs of texts.
 */
export type OwnDataKind = 'image-folder' | 'text-table' | 'tabular' | 'texts' | 'text-pairs'

/** Where data come from. */
export interface DataSource<Settings> {
  /** Id of the published set, or a name for people. */
  readonly name: string
  /** The parts there are, beside what the settings hold out. */
  readonly parts: readonly DataPart[]
  /**
   * The settings that decide which examples there are, in which part each is, and what is asked of them. Runs that
   * differ in one are judged on different things, so no study tunes it. How an example is given to the model (its size,
   * the words that are told apart) is not among them.
   */
  readonly decides?: readonly string[]
  /** @throws UserError where the settings describe no data */
  form(settings: Settings): DataForm
  /**
   * Set where a user's own data at the path in the setting `data` are read: by Node, and divided as the run records.
   */
  readonly own?: OwnDataKind
  /** The settings that the data decide, such as the size of a vocabulary; asked before anything is loaded. */
  readonly settle?: (settings: Settings, io: DataIo) => Promise<Readonly<Record<string, unknown>>>
  /**
   * How a text of the user's reaches the model; absent where it reads no text.
   * @param artifact what the run keeps, by name
   */
  readonly textForm?: (settings: Settings, artifact: (name: string) => string | undefined) => Promise<TextForm>
  /** Makes a part; absent for own data. It must follow from the settings and the sets that are asked for. */
  readonly load?: (part: DataPart, settings: Settings, io: DataIo) => Promise<Dataset>
}

const PLACED = ['data', 'testShare', 'strict', 'splitSeed']
const TABLE = [...PLACED, 'testData', 'delimiter', 'header']

/** Of own data, the settings that decide which examples there are and what is asked of them. */
const DECIDES: Readonly<Record<OwnDataKind, readonly string[]>> = {
  'image-folder': [...PLACED, 'classes', 'skipDamaged'],
  'text-table': [...TABLE, 'classes', 'text', 'label'],
  tabular: [...TABLE, 'classes', 'target', 'kind'],
  // Of tokens, other ones are another question.
  texts: [...PLACED, 'tokenizer', 'vocabularySize'],
  'text-pairs': [...TABLE, 'source', 'target', 'units', 'subwords', 'longest'],
}

/** The parts of data that runs are judged on. */
export type JudgedPart = 'test' | 'validation'

/**
 * The part that has the last word: `validation` where nobody has set a test part aside, and where the run was not to
 * see it, as no trial of a study is.
 * @param settings those that the run recorded; left out, those of a run that sees all parts
 */
export const judgedPart = (
  { parts }: Pick<DataSource<never>, 'parts'>,
  settings: object = {},
): JudgedPart => {
  const { evaluateTest = true } = settings as { readonly evaluateTest?: boolean }
  return parts.includes('test') && evaluateTest ? 'test' : 'validation'
}

/** A user's own data of some form. @param columns of a batch, without the batch axis */
export const ownData = <Settings>(
  kind: OwnDataKind,
  name: string,
  columns: (settings: Settings) => Readonly<Record<string, ColumnSpec>>,
): DataSource<Settings> => ({
  name,
  parts: ['train', 'test'],
  own: kind,
  decides: DECIDES[kind],
  form: settings => {
    const { classes, vocabulary = 0 } = settings as {
      readonly classes?: readonly unknown[]
      readonly vocabulary?: number
    }
    return {
      columns: columns(settings),
      ...(classes && { classes: classes.map(String) }),
      ...(vocabulary > 0 && { vocabulary }),
    }
  },
})
