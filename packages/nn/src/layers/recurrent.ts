// Recurrent layers: what is read at each step changes a state that is handed to the next one.
// Sources: Elman 1990 (RNN); Hochreiter and Schmidhuber 1997, Gers et al. 2000 (LSTM); Cho et al. 2014 (GRU).
import {
  add, concat, formatShape, formatType, less, linear, matmul, mul, range, relu, requireTensors, reshape, scan,
  sigmoid, slice, split, stack, sub, tanh, tensorKind, transpose, unsqueeze, where, zeros, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { currentDecoding, keptState } from '../generation/decoding.ts'
import { initializerKind, newParameter, uniform, type Initializer } from '../init.ts'
import { drop } from './dropout.ts'

/** Settings of a recurrent layer, PyTorch's. */
export interface RecurrentOptions {
  /** Layers, each of which reads the outputs of the one before; default 1. */
  readonly numLayers?: number
  /** Whether there are biases; default yes. */
  readonly bias?: boolean
  /** Whether the batch comes before time, [B, L, E], or behind it, [L, B, E]; default behind, as in PyTorch. */
  readonly batchFirst?: boolean
  /** Probability with which what one layer hands to the next is dropped in training, default 0. */
  readonly dropout?: number
  /**
   * Whether a second state runs from the end to the beginning; its outputs stand behind those of the first. Default
   * no.
   */
  readonly bidirectional?: boolean
  /** Initialiser of the weights by which a state is multiplied, `weight_hh`; default PyTorch's. */
  readonly recurrentInit?: Initializer
}

const KINDS = {
  numLayers: kinds.whole(1, 1000),
  bias: kinds.flag,
  batchFirst: kinds.flag,
  dropout: kinds.between(0, 1),
  bidirectional: kinds.flag,
  recurrentInit: initializerKind,
}

/** What one call of a recurrent layer may say. */
export interface RecurrentInputs {
  /** The first state, [numLayers * directions, B, hiddenSize]; default 0. */
  readonly hidden?: Tensor | undefined
  /**
   * int32 [B]: how many steps each sequence has. Behind them outputs are 0 and states stay, as with PyTorch's packed
   * sequences; default all steps.
   */
  readonly lengths?: Tensor | undefined
}

const INPUT_KINDS = { hidden: tensorKind, lengths: tensorKind }

/** What a recurrent layer makes of a sequence. */
export interface Recurred {
  /** The last layer's state after each step, [L, B, directions * hiddenSize] (or [B, L, ...]). */
  readonly output: Tensor
  /** Each state after its last step, [numLayers * directions, B, hiddenSize]. */
  readonly hidden: Tensor
}

/** The four parameters of one state, weights [gates * hiddenSize, in]. */
export interface CellWeights {
  readonly weightIh: Tensor
  readonly weightHh: Tensor
  readonly biasIh: Tensor | undefined
  readonly biasHh: Tensor | undefined
}

/** A kind of state: how many vectors it is, and what a step makes of it. */
interface Kind {
  readonly gates: number
  readonly states: number
  /** What of a step depends on its input alone, for all steps at once: [..., in] to [..., gates * hiddenSize]. */
  readonly read: (x: Tensor, weights: CellWeights) => Tensor
  /** The next state from what was read, [B, gates * hiddenSize], and the state before, [B, hiddenSize] each. */
  readonly step: (read: Tensor, state: readonly Tensor[], weights: CellWeights) => readonly Tensor[]
}

const bothBiases = ({ biasIh, biasHh }: CellWeights) => (biasIh && biasHh ? add(biasIh, biasHh) : undefined)
const parts = (x: Tensor, count: number): readonly Tensor[] =>
  split(x, new Array<number>(count).fill((x.shape.at(-1) as number) / count), -1)

const elman = (activation: (x: Tensor) => Tensor): Kind => ({
  gates: 1,
  states: 1,
  read: (x, weights) => linear(x, weights.weightIh, bothBiases(weights)),
  step: (read, [h], { weightHh }) => [activation(add(read, matmul(h as Tensor, weightHh, { transposeB: true })))],
})

const ELMAN = elman(tanh)

type Four = [Tensor, Tensor, Tensor, Tensor]

const LSTM_KIND: Kind = {
  gates: 4,
  states: 2,
  read: (x, weights) => linear(x, weights.weightIh, bothBiases(weights)),
  // #region lstm
  step(read, [h, c], { weightHh }) {
    const before = matmul(h as Tensor, weightHh, { transposeB: true })
    const [i, f, g, o] = parts(add(read, before), 4) as Four
    const kept = mul(sigmoid(f), c as Tensor)
    const cell = add(kept, mul(sigmoid(i), tanh(g)))
    return [mul(sigmoid(o), tanh(cell)), cell]
  },
  // #endregion
}

const GRU_KIND: Kind = {
  gates: 3,
  states: 1,
  read: (x, { weightIh, biasIh }) => linear(x, weightIh, biasIh),
  step(read, [h], { weightHh, biasHh }) {
    const [xr, xz, xn] = parts(read, 3) as [Tensor, Tensor, Tensor]
    const [hr, hz, hn] = parts(linear(h as Tensor, weightHh, biasHh), 3) as [Tensor, Tensor, Tensor]
    const n = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)))
    // (1 - z) n + z h
    return [add(n, mul(sigmoid(add(xz, hz)), sub(h as Tensor, n)))]
  },
}

function newWeights(
  gates: number, inputSize: number, hiddenSize: number, bias: boolean, recurrentInit?: Initializer,
): CellWeights {
  const init = uniform(-1 / Math.sqrt(hiddenSize), 1 / Math.sqrt(hiddenSize))
  const rows = gates * hiddenSize
  const weightIh = newParameter([rows, inputSize], init)
  const weightHh = newParameter([rows, hiddenSize], recurrentInit ?? init)
  const [biasIh, biasHh] = [0, 1].map(() => (bias ? newParameter([rows], init) : undefined))
  return { weightIh, weightHh, biasIh, biasHh }
}

/** The weights under PyTorch's names. */
const named = ({ weightIh, weightHh, biasIh, biasHh }: CellWeights, suffix: string): Record<string, Tensor> => ({
  [`weight_ih${suffix}`]: weightIh,
  [`weight_hh${suffix}`]: weightHh,
  ...(biasIh && { [`bias_ih${suffix}`]: biasIh }),
  ...(biasHh && { [`bias_hh${suffix}`]: biasHh }),
})

/** One state along a sequence [L, B, in]: its values at all steps and the last ones. */
function run(
  kind: Kind,
  weights: CellWeights,
  x: Tensor,
  initial: readonly Tensor[],
  valid: Tensor | undefined,
  reverse: boolean,
) {
  const read = kind.read(x, weights)
  if (x.shape[0] === 1 && !valid) {
    const last = kind.step(reshape(read, read.shape.slice(1)), initial, weights)
    return { outputs: unsqueeze(last[0] as Tensor, 0), last }
  }
  const { carry, ys } = scan(
    (state, [now, holds]) => {
      const next = kind.step(now, state, weights)
      if (!holds) return { carry: next, ys: [next[0] as Tensor] as const }
      // Behind its end a sequence keeps its state, and its outputs are 0.
      const kept = next.map((value, i) => where(holds, value, state[i] as Tensor))
      return { carry: kept, ys: [where(holds, next[0] as Tensor, 0)] as const }
    },
    initial,
    valid ? [read, valid] : [read],
    { reverse },
  )
  return { outputs: ys[0], last: carry }
}

/** All layers and directions of a recurrent network. */
class Stack {
  readonly weights: readonly (readonly CellWeights[])[]
  readonly directions: number

  constructor(
    readonly owner: string,
    readonly kind: Kind,
    readonly inputSize: number,
    readonly hiddenSize: number,
    readonly options: RecurrentOptions,
  ) {
    const { numLayers = 1, bias = true, bidirectional = false } = options
    checkArgument(owner, 'inputSize', inputSize, kinds.whole(1))
    checkArgument(owner, 'hiddenSize', hiddenSize, kinds.whole(1))
    this.directions = bidirectional ? 2 : 1
    const one = (size: number) => newWeights(kind.gates, size, hiddenSize, bias, options.recurrentInit)
    this.weights = Array.from({ length: numLayers }, (_, layer) =>
      Array.from({ length: this.directions }, () => one(layer === 0 ? inputSize : this.directions * hiddenSize)),
    )
  }

  /** The parameters by PyTorch's names and in its order. */
  parameters(): Record<string, Tensor> {
    return Object.assign(
      {},
      ...this.weights.flatMap((directions, layer) =>
        directions.map((weights, d) => named(weights, `_l${layer}${d === 1 ? '_reverse' : ''}`)),
      ),
    ) as Record<string, Tensor>
  }

  forward(
    x: Tensor,
    states: readonly (Tensor | undefined)[],
    lengths: Tensor | undefined,
  ): { output: Tensor; states: Tensor[] } {
    const { batchFirst = false, dropout = 0 } = this.options
    requireTensors(this.owner, x)
    if (x.rank !== 3 || x.shape[2] !== this.inputSize) {
      throw new UserError({
        rule: `${this.owner}: inputs are ${batchFirst ? '[B, L, ' : '[L, B, '}${this.inputSize}].`,
        received: formatType(x),
      })
    }
    let sequence = batchFirst ? transpose(x, [1, 0, 2]) : x
    const [length, batch] = sequence.shape as [number, number, number]
    const shape = [this.weights.length * this.directions, batch, this.hiddenSize]
    // A text that is being made goes on from the state behind its last token; a given state is that before the first.
    const decoding = currentDecoding()
    const kept =
      decoding && states.map(state => keptState(shape, { first: state && this.initial(state, shape), batchAxis: 1 }))
    if (decoding && this.directions > 1) {
      throw new UserError({ rule: `${this.owner}: a layer that reads backwards cannot make a text token by token.` })
    }
    const initial = kept?.map(({ present }) => present) ?? states.map(state => this.initial(state, shape))
    const ends = lengths ?? decoding?.lengths
    const valid = ends && this.validSteps(ends, length, batch)
    const lasts: (readonly Tensor[])[] = []
    this.weights.forEach((directions, layer) => {
      const results = directions.map((weights, d) => {
        const at = layer * this.directions + d
        const first = initial.map(all =>
          reshape(slice(all, { axis: 0, start: at, end: at + 1 }), [batch, this.hiddenSize]),
        )
        return run(this.kind, weights, sequence, first, valid, d === 1)
      })
      lasts.push(...results.map(({ last }) => last))
      const joined = concat(
        results.map(({ outputs }) => outputs),
        2,
      )
      sequence = layer < this.weights.length - 1 ? drop(joined, dropout) : joined
    })
    return {
      output: batchFirst ? transpose(sequence, [1, 0, 2]) : sequence,
      states: initial.map((_, i) => {
        const next = stack(lasts.map(last => last[i] as Tensor))
        return kept?.[i]?.keep(next) ?? next
      }),
    }
  }

  private initial(state: Tensor | undefined, shape: readonly number[]): Tensor {
    if (!state) return zeros(shape)
    if (formatShape(state.shape) === formatShape(shape)) return state
    throw new UserError({
      rule: `${this.owner}: a first state is ${formatShape(shape)}, [layers * directions, B, hiddenSize].`,
      received: formatType(state),
    })
  }

  /** bool [L, B, 1]: which steps belong to their sequence. */
  private validSteps(lengths: Tensor, length: number, batch: number): Tensor {
    if (lengths.dtype !== 'int32' || formatShape(lengths.shape) !== formatShape([batch])) {
      throw new UserError({
        rule: `${this.owner}: lengths are int32 [${batch}], one for each sequence.`,
        received: formatType(lengths),
      })
    }
    return unsqueeze(less(reshape(range(length), [length, 1]), lengths), -1)
  }
}

/**
 * h' = tanh(W x + b + U h + c), or with ReLU. PyTorch: `RNN`, with the same names of the state.
 * Source: Elman, "Finding structure in time", 1990.
 */
export class RNN {
  readonly #stack: Stack

  /** @param options those of all recurrent layers, and `nonlinearity`, 'tanh' (default) or 'relu' */
  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: RecurrentOptions & { readonly nonlinearity?: 'tanh' | 'relu' } = {},
  ) {
    const { nonlinearity = 'tanh', ...others } = checkOptions('RNN', options, {
      ...KINDS,
      nonlinearity: kinds.oneOf('tanh', 'relu'),
    })
    this.#stack = new Stack('RNN', elman(nonlinearity === 'tanh' ? tanh : relu), inputSize, hiddenSize, others)
    Object.assign(this, this.#stack.parameters())
  }

  /** @param x [L, B, inputSize], or [B, L, inputSize] with `batchFirst` */
  forward(x: Tensor, inputs: RecurrentInputs = {}): Recurred {
    const { hidden, lengths } = checkOptions('RNN', inputs, INPUT_KINDS)
    const { output, states } = this.#stack.forward(x, [hidden], lengths)
    return { output, hidden: states[0] as Tensor }
  }
}

/**
 * A state that is changed by two gates: reset and update. PyTorch: `GRU`, with the same names of the state. Source:
 * Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, in PyTorch's form, where the reset
 * gate multiplies U h + c.
 */
export class GRU {
  readonly #stack: Stack

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: RecurrentOptions = {},
  ) {
    this.#stack = new Stack('GRU', GRU_KIND, inputSize, hiddenSize, checkOptions('GRU', options, KINDS))
    Object.assign(this, this.#stack.parameters())
  }

  /** @param x [L, B, inputSize], or [B, L, inputSize] with `batchFirst` */
  forward(x: Tensor, inputs: RecurrentInputs = {}): Recurred {
    const { hidden, lengths } = checkOptions('GRU', inputs, INPUT_KINDS)
    const { output, states } = this.#stack.forward(x, [hidden], lengths)
    return { output, hidden: states[0] as Tensor }
  }
}

/**
 * A state with a cell that input and forget gates change and an output gate shows. PyTorch: `LSTM`, with the same
 * names of the state. Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber and
 * Cummins 2000.
 */
export class LSTM {
  readonly #stack: Stack

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: RecurrentOptions = {},
  ) {
    this.#stack = new Stack('LSTM', LSTM_KIND, inputSize, hiddenSize, checkOptions('LSTM', options, KINDS))
    Object.assign(this, this.#stack.parameters())
  }

  /**
   * @param x [L, B, inputSize], or [B, L, inputSize] with `batchFirst`
   * @param inputs as of the other layers, and `cell`, the first cell in the shape of `hidden`
   */
  forward(
    x: Tensor,
    inputs: RecurrentInputs & { readonly cell?: Tensor | undefined } = {},
  ): Recurred & { readonly cell: Tensor } {
    const { hidden, cell, lengths } = checkOptions('LSTM', inputs, { ...INPUT_KINDS, cell: tensorKind })
    const { output, states } = this.#stack.forward(x, [hidden, cell], lengths)
    return { output, hidden: states[0] as Tensor, cell: states[1] as Tensor }
  }
}

/** The weights of one step, under PyTorch's names. */
class Cell {
  readonly weight_ih: Tensor
  readonly weight_hh: Tensor
  readonly bias_ih: Tensor | undefined
  readonly bias_hh: Tensor | undefined

  constructor(
    owner: string,
    gates: number,
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: { readonly bias?: boolean },
  ) {
    const { bias = true } = checkOptions(owner, options, { bias: kinds.flag })
    checkArgument(owner, 'inputSize', inputSize, kinds.whole(1))
    checkArgument(owner, 'hiddenSize', hiddenSize, kinds.whole(1))
    const { weightIh, weightHh, biasIh, biasHh } = newWeights(gates, inputSize, hiddenSize, bias)
    this.weight_ih = weightIh
    this.weight_hh = weightHh
    this.bias_ih = biasIh
    this.bias_hh = biasHh
  }

  protected step(kind: Kind, x: Tensor, state: readonly Tensor[]): readonly Tensor[] {
    const weights = { weightIh: this.weight_ih, weightHh: this.weight_hh, biasIh: this.bias_ih, biasHh: this.bias_hh }
    return kind.step(kind.read(x, weights), state, weights)
  }
}

/** One step of an RNN with tanh, for a `scan` of one's own. PyTorch: `RNNCell`. */
export class RNNCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: { readonly bias?: boolean } = {}) {
    super('RNNCell', ELMAN.gates, inputSize, hiddenSize, options)
  }

  /** @param x [B, inputSize] @param hidden [B, hiddenSize] @returns the next hidden state */
  forward(x: Tensor, hidden: Tensor): Tensor {
    requireTensors('RNNCell', x, hidden)
    return this.step(ELMAN, x, [hidden])[0] as Tensor
  }
}

/** One step of a GRU, for a `scan` of one's own such as a decoder with attention. PyTorch: `GRUCell`. */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: { readonly bias?: boolean } = {}) {
    super('GRUCell', GRU_KIND.gates, inputSize, hiddenSize, options)
  }

  /** @param x [B, inputSize] @param hidden [B, hiddenSize] @returns the next hidden state */
  forward(x: Tensor, hidden: Tensor): Tensor {
    requireTensors('GRUCell', x, hidden)
    return this.step(GRU_KIND, x, [hidden])[0] as Tensor
  }
}

/** One step of an LSTM, for a `scan` of one's own. PyTorch: `LSTMCell`. */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: { readonly bias?: boolean } = {}) {
    super('LSTMCell', LSTM_KIND.gates, inputSize, hiddenSize, options)
  }

  /** @param x [B, inputSize] @param state hidden and cell, [B, hiddenSize] each */
  forward(x: Tensor, state: { readonly hidden: Tensor; readonly cell: Tensor }): { hidden: Tensor; cell: Tensor } {
    requireTensors('LSTMCell', x)
    const needed = kinds.needed(tensorKind)
    const { hidden, cell } = checkOptions('LSTMCell', state, { hidden: needed, cell: needed })
    const [nextHidden, nextCell] = this.step(LSTM_KIND, x, [hidden, cell]) as [Tensor, Tensor]
    return { hidden: nextHidden, cell: nextCell }
  }
}
