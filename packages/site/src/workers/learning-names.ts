// The net that learns names in the page: the vectors of three letters, one hidden layer, on the reference runtime.
import { crossEntropy, Embedding, evaluationStep, init, Linear, sgd, trainingStep, withSeed } from '@ddlf/nn'
import { referenceRuntime, reshape, tanh, type StepExecutable, type Tensor, type TypedArray } from '@ddlf/tensor'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { softmax } from '../explain/linear-digits.ts'

const LETTERS = '.abcdefghijklmnopqrstuvwxyz'
const [SEEN, EMBEDDING, HIDDEN, BATCH] = [3, 10, 64, 64]
/** A rate for batches of this size, and the steps at which it is halved. */
const LEARNING_RATE = 0.5
const HALVED_EVERY = 1000
const LONGEST = 20

class NamesNet {
  readonly tokens = new Embedding(LETTERS.length, EMBEDDING)
  readonly hidden = new Linear(SEEN * EMBEDDING, HIDDEN, {
    init: init.normal(0, 5 / 3 / Math.sqrt(SEEN * EMBEDDING)),
  })
  readonly logits = new Linear(HIDDEN, LETTERS.length, { init: init.normal(0, 0.01) })

  /** @param x int32 [N, 3] @returns logits [N, 27] */
  forward(x: Tensor): Tensor {
    const context = reshape(this.tokens.forward(x), [-1, SEEN * EMBEDDING])
    return this.logits.forward(tanh(this.hidden.forward(context)))
  }
}

/** Each letter of the names with the three before it. */
export function examplesOf(names: readonly string[]): { readonly contexts: Int32Array; readonly next: Int32Array } {
  const [contexts, next]: [number[], number[]] = [[], []]
  for (const name of names) {
    const ids = Array.from(`...${name}.`, letter => LETTERS.indexOf(letter))
    for (let i = SEEN; i < ids.length; i++) {
      contexts.push(...ids.slice(i - SEEN, i))
      next.push(ids[i] ?? 0)
    }
  }
  return { contexts: Int32Array.from(contexts), next: Int32Array.from(next) }
}

/** A net that learns a little at every call. */
export interface LearningNames {
  readonly steps: number
  /** Takes so many steps; the mean loss over them. */
  learn(steps: number): Promise<number>
  /** Goes on with beginnings of names until each has ended. @param seed decides the draw */
  finish(beginnings: readonly string[], temperature: number, seed: number): Promise<string[]>
}

/** A net that has learned nothing yet. @param seed of its first weights and of what it is shown */
export async function learningNames(names: readonly string[], seed = 1): Promise<LearningNames> {
  const { contexts, next } = examplesOf(names)
  const model = withSeed(seed, () => new NamesNet())
  const step = trainingStep({
    model,
    batch: { contexts: { shape: [BATCH, SEEN], dtype: 'int32' }, next: { shape: [BATCH], dtype: 'int32' } },
    loss: (net, batch) => ({ loss: crossEntropy(net.forward(batch.contexts), batch.next) }),
    optimizer: sgd(),
  })
  const program: StepExecutable = await referenceRuntime.compileSteps(step)
  const ask = evaluationStep({
    model,
    batch: { contexts: { shape: [null, SEEN], dtype: 'int32' } },
    runtime: referenceRuntime,
    compute: (net, batch) => net.forward(batch.contexts),
  })
  // Two sets: what is read and what is written must not share memory.
  const copy = (): TypedArray[] => step.state.map(({ data }) => data.slice())
  let [state, spare] = [copy(), copy()]
  let done = 0
  const batch = () => {
    const [seen, wanted] = [new Int32Array(BATCH * SEEN), new Int32Array(BATCH)]
    const key = randomKey(seed, 'names', done)
    for (let i = 0; i < BATCH; i++) {
      const at = Math.floor(uniformAt(key, i) * next.length)
      seen.set(contexts.subarray(at * SEEN, (at + 1) * SEEN), i * SEEN)
      wanted[i] = next[at] ?? 0
    }
    return [seen, wanted]
  }
  return {
    get steps() {
      return done
    },
    async learn(steps) {
      let loss = 0
      for (let i = 0; i < steps; i++) {
        const rate = LEARNING_RATE * 0.5 ** Math.floor(done / HALVED_EVERY)
        const examples = batch()
        done++
        const fresh = [...examples, Float32Array.of(rate), Float32Array.of(done), Int32Array.of(seed, done)]
        const [losses] = await program.run(state, spare, fresh, 1)
        loss += losses?.[0] ?? NaN
        ;[state, spare] = [spare, state]
      }
      // The model's own arrays are what it is asked with.
      step.state.forEach(({ data }, i) => data.set(state[i] as never))
      return loss / steps
    },
    async finish(beginnings, temperature, drawn) {
      const ids = beginnings.map(text => Array.from(`...${text}`, letter => Math.max(0, LETTERS.indexOf(letter))))
      const ended = beginnings.map(() => false)
      for (let round = 0; round < LONGEST && ended.includes(false); round++) {
        const { data } = await ask(Int32Array.from(ids.flatMap(text => text.slice(-SEEN))))
        ids.forEach((text, i) => {
          if (ended[i]) return
          const logits = Array.from(data.subarray(i * LETTERS.length, (i + 1) * LETTERS.length))
          const shares = softmax(logits.map(logit => logit / temperature))
          const luck = uniformAt(randomKey(drawn, 'letter', round), i)
          let [id, passed] = [0, shares[0] ?? 0]
          while (passed <= luck && id < LETTERS.length - 1) passed += shares[++id] ?? 0
          ended[i] = id === 0
          if (id > 0) text.push(id)
        })
      }
      return ids.map(text => text.slice(SEEN).map(id => LETTERS[id]).join(''))
    },
  }
}
