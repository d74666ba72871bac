// Where an experiment's data come from: what they look like, known without loading them, and how their parts are made.
import type { Dataset } from '@ddlf/data'
import type { ColumnSpec } from '@ddlf/nn'

/** What data look like: known from the settings alone, for graphs, exports and predictions. */
export interface DataForm {
  /** Dtype and shape of one example of each column of numbers. */
  readonly columns: Readonly<Record<string, ColumnSpec>>
  /** The names of the classes; none where there are none. */
  readonly classes?: readonly string[]
  /** Training examples, where their number is known. */
  readonly examples?: number
}

/** Parts of data: learned from; choosing the best checkpoint; having the last word. */
export type DataPart = 'train' | 'validation' | 'test'

/** What a source may ask for. */
export interface DataIo {
  /** A split of a published set, fetched where it is missing; its files are recorded with the run. */
  dataset(id: string, split: string): Promise<Dataset>
}

/** Forms of a user's own data: a folder of images by class, a table with a text and a label a row, a table of numbers and categories. */
export type OwnDataKind = 'image-folder' | 'text-table' | 'tabular'

/** Where data come from. */
export interface DataSource<Settings> {
  /** Id of the published set, or a name for people. */
  readonly name: string
  /** The parts there are, beside what the settings hold out. */
  readonly parts: readonly DataPart[]
  /** @throws UserError where the settings describe no data */
  form(settings: Settings): DataForm
  /** Set where a user's own data at the path given by the setting `data` are read: by Node, and divided as the run records. */
  readonly own?: OwnDataKind
  /** Makes a part; absent for own data. It must follow from the settings and the sets that are asked for. */
  readonly load?: (part: DataPart, settings: Settings, io: DataIo) => Promise<Dataset>
}

/** The part that has the last word: `validation` where nobody has set a test part aside. */
export const judgedPart = ({ parts }: Pick<DataSource<never>, 'parts'>): 'test' | 'validation' =>
  parts.includes('test') ? 'test' : 'validation'

/** A user's own data of some form. @param columns of a batch, without the batch axis */
export const ownData = <Settings>(
  kind: OwnDataKind,
  name: string,
  columns: (settings: Settings) => Readonly<Record<string, ColumnSpec>>,
): DataSource<Settings> => ({
  name,
  parts: ['train', 'test'],
  own: kind,
  form: settings => {
    const { classes } = settings as { readonly classes?: readonly unknown[] }
    return { columns: columns(settings), classes: (classes ?? []).map(String) }
  },
})
