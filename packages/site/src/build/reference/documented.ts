// What the reference knows of an export: plain data, made from the sources once and kept.

/** The packages that are documented, in the order of the page. */
export const PACKAGES = ['tensor', 'nn', 'data', 'lab'] as const

export type PackageName = (typeof PACKAGES)[number]

/** Entries of the packages by the file behind them. An export that several have is documented with the first. */
export const ENTRIES: Readonly<Record<string, string>> = {
  'packages/tensor/src/index.ts': '@ddlf/tensor',
  'packages/tensor/src/node.ts': '@ddlf/tensor/node',
  'packages/tensor/src/browser.ts': '@ddlf/tensor/browser',
  'packages/tensor/src/random.ts': '@ddlf/tensor/random',
  'packages/tensor/src/errors.ts': '@ddlf/tensor/errors',
  'packages/nn/src/index.ts': '@ddlf/nn',
  'packages/data/src/index.ts': '@ddlf/data',
  'packages/data/src/node.ts': '@ddlf/data/node',
  'packages/data/src/tokenizers/index.ts': '@ddlf/data/tokenizers',
  'packages/lab/src/index.ts': '@ddlf/lab',
  'packages/lab/src/node.ts': '@ddlf/lab/node',
  'packages/lab/src/plots/index.ts': '@ddlf/lab/plots',
  'packages/lab/src/server/index.ts': '@ddlf/lab/server',
  'packages/lab/src/jobs/redis/index.ts': '@ddlf/lab/queue',
}

export type ExportKind = 'function' | 'class' | 'interface' | 'type' | 'constant' | 'namespace'

/** A comment, as Markdown; `reference:<name>` is the address of another export. */
export interface Comment {
  readonly text: string
  readonly returns?: string
  readonly throws: readonly string[]
  readonly examples: readonly string[]
}

/** One parameter of a signature. */
export interface Parameter {
  readonly name: string
  readonly type: string
  /** As the source writes it. */
  readonly defaultValue?: string
  readonly text: string
}

/** One way to call a function, or the declaration of something else. */
export interface Signature {
  readonly code: string
  readonly comment: Comment
  readonly parameters: readonly Parameter[]
}

/** A field, a method, a constructor; or what a namespace holds. */
export interface Member {
  readonly name: string
  readonly signatures: readonly Signature[]
}

/** One export. */
export interface Documented {
  readonly name: string
  readonly kind: ExportKind
  readonly package: PackageName
  /** What it is imported from, such as `@ddlf/tensor/node`. */
  readonly entry: string
  /** Where it is defined: a path of the repository, and the line from 1. */
  readonly source: { readonly path: string; readonly line: number }
  readonly signatures: readonly Signature[]
  readonly members: readonly Member[]
}
