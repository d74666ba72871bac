// A recurrent net that answers once, behind the last step: a plain state, or an LSTM whose parts can be left out.
// Sources: Hochreiter and Schmidhuber 1997 (no forget gate); Gers, Schmidhuber and Cummins 2000; Greff and others,
// "LSTM: a search space odyssey", 2017.
import { init, Linear, newParameter } from '@ddlf/nn'
import { add, linear, matmul, mul, oneHot, scan, sigmoid, slice, split, sub, tanh, transpose, zeros, type Tensor }
  from '@ddlf/tensor'

/** What an LSTM is left without; `coupled`: what is forgotten makes room for what is read. */
export const GATES = ['all', 'coupled', 'no-input', 'no-forget', 'no-output'] as const

export interface LongLagNetOptions {
  readonly cell: 'rnn' | 'lstm'
  readonly gates: (typeof GATES)[number]
  /** Whether the gates see the cell, each unit its own. */
  readonly peepholes: boolean
  readonly inputs: number
  readonly hidden: number
  readonly outputs: number
  /** Standard deviations of the first weights. */
  readonly start: { readonly input: number; readonly state: number; readonly output: number }
  /** First bias of the input gate; that of the forget gate is 1. */
  readonly inputBias: number
}

type Gate = 'input' | 'forget' | 'output'
/** Rows of the peepholes. */
const ROWS: Readonly<Record<Gate, number>> = { input: 0, forget: 1, output: 2 }

export class LongLagNet {
  readonly weightIh: Tensor
  readonly weightHh: Tensor
  readonly bias: Tensor
  readonly peepholes: Tensor | undefined
  readonly answer: Linear
  readonly #options: LongLagNetOptions

  constructor(options: LongLagNetOptions) {
    const { cell, inputs, hidden, outputs, start, inputBias, peepholes } = options
    // Of an LSTM: input gate, forget gate, what is read, output gate. The part of a gate that is left out stays idle.
    const firstBiases = cell === 'lstm' ? [inputBias, 1, 0, 0] : [0]
    const rows = firstBiases.length * hidden
    this.weightIh = newParameter([rows, inputs], init.normal(0, start.input))
    this.weightHh = newParameter([rows, hidden], init.normal(0, start.state))
    this.bias = newParameter([rows], () =>
      Float32Array.from({ length: rows }, (_, row) => firstBiases[Math.floor(row / hidden)] as number))
    this.peepholes = peepholes && cell === 'lstm' ? newParameter([3, hidden], init.normal(0, 0.1)) : undefined
    this.answer = new Linear(hidden, outputs, { init: init.normal(0, start.output) })
    this.#options = options
  }

  /** @param x float32 [N, T, inputs], or numbers of letters, int32 [N, T] @returns [N, outputs] */
  forward(x: Tensor): Tensor {
    const { cell, hidden, inputs } = this.#options
    const steps = transpose(x.dtype === 'int32' ? oneHot(x, inputs) : x, [1, 0, 2])
    const nothing = zeros([x.shape[0] as number, hidden])
    const step = (state: readonly Tensor[], [read]: readonly [Tensor]) => ({ carry: this.#step(state, read) })
    const first = cell === 'lstm' ? [nothing, nothing] : [nothing]
    const { carry } = scan(step, first, [linear(steps, this.weightIh, this.bias)] as const)
    return this.answer.forward(carry[0] as Tensor)
  }

  // #region step
  #step([h, c]: readonly Tensor[], read: Tensor): Tensor[] {
    const both = add(read, matmul(h as Tensor, this.weightHh, { transposeB: true }))
    if (!c) return [tanh(both)]
    const { hidden, gates } = this.#options
    const [i, f, g, o] = split(both, [hidden, hidden, hidden, hidden], -1) as [Tensor, Tensor, Tensor, Tensor]
    const kept = this.#gate('forget', f, c)
    const written = gates === 'coupled' && kept ? sub(1, kept) : this.#gate('input', i, c)
    const next = add(kept ? mul(kept, c) : c, written ? mul(written, tanh(g)) : tanh(g))
    const shown = this.#gate('output', o, next)
    return [shown ? mul(shown, tanh(next)) : tanh(next), next]
  }
  // #endregion

  /** How far a gate is open, [N, hidden]; undefined: there is none. */
  #gate(name: Gate, x: Tensor, c: Tensor): Tensor | undefined {
    if (this.#options.gates === `no-${name}`) return undefined
    if (!this.peepholes) return sigmoid(x)
    const seen = slice(this.peepholes, { axis: 0, start: ROWS[name], end: ROWS[name] + 1 })
    return sigmoid(add(x, mul(c, seen)))
  }
}
