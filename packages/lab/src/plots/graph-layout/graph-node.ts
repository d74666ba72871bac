// What a drawn graph consists of.

/** What a node is for. */
export type GraphNodeKind = 'input' | 'parameter' | 'forward' | 'loss' | 'metric' | 'gradient' | 'update'

/** A node as it is drawn. Columns and rows count from 0. */
export interface GraphNode {
  readonly kind: GraphNodeKind
  readonly label: string
  /** Shape, and the element type where it is not float32; for an update, its ops. */
  readonly detail: string
  /** The whole story, for a tooltip. */
  readonly title: string
  readonly column: number
  readonly row: number
}

/** A value on its way from one node to another. */
export interface GraphEdge {
  readonly from: number
  readonly to: number
  /** A value that the backward pass takes from the forward pass. */
  readonly kept: boolean
}

/** A layer: the rows from `row` on, `rows` of them. */
export interface GraphBand {
  readonly name: string
  readonly row: number
  readonly rows: number
}

/** What is known of a graph that is a training step. */
export interface StepParts {
  /** How many of the graph's first inputs and outputs are state. */
  readonly stateCount: number
  readonly state: readonly { readonly name: string; readonly kind: string }[]
  /** Names of what every step reports, the loss first. */
  readonly reported: readonly string[]
}

/** Headings of the columns. */
export const COLUMNS = [
  'forward pass',
  'weights, slopes',
  'backward pass',
  'gradients of weights',
  'new weights',
] as const
export const [FORWARD, WEIGHTS, BACKWARD, GRADIENTS, UPDATE] = [0, 1, 2, 3, 4] as const
