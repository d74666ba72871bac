// What one head of the recorded GPT attends to: a passage, each letter on its weight for the letter that asks.
import { weightsOf, type GptHeads } from './gpt-heads.ts'
import { drawTokens } from './token-strip.ts'

/** Counted from 1; the step is the letter that asks, counted from 0. */
export interface HeadsState {
  readonly layer: number
  readonly head: number
  readonly step: number
}

export const headsStart = ({ text }: GptHeads): HeadsState =>
  ({ layer: 1, head: 1, step: Math.min(20, text.length - 1) })

export function drawHeads(record: GptHeads, { layer, head, step }: HeadsState): string {
  const weights = weightsOf(record, layer, head)[step] ?? []
  return drawTokens(Array.from(record.text, (letter, i) => ({
    text: letter,
    // The root, so that small weights can be seen.
    weight: Math.sqrt(weights[i] ?? 0),
    ...(i === step && { mark: 'now' as const }),
  })))
}

const quoted = (letter: string) => `‘${letter.replace('\n', '⏎').replace(' ', '␣')}’`

/** What the figure shows, in words. */
export function saidOfHeads(record: GptHeads, { layer, head, step }: HeadsState): string {
  const weights = weightsOf(record, layer, head)[step] ?? []
  const order = weights.map((_, i) => i).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0)).slice(0, 3)
  const most = order.map(i => {
    const back = step - i
    const where = back === 0 ? 'itself' : `${back} back`
    return `${quoted(record.text[i] ?? '')}, ${where}, ${(100 * (weights[i] ?? 0)).toFixed(0)} %`
  })
  const letter = `letter ${step + 1} ${quoted(record.text[step] ?? '')}`
  return `Head ${head} of layer ${layer}, ${letter} looks at: ${most.join('; ')}.`
}
