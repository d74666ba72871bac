// What the heads of the recorded GPT attend to: their weights on a passage, and what they do on text that is repeated.
import { z } from 'zod'

const halves = z.strictObject({
  /** Nats a letter where a passage stands for the first time, and where it comes again. */
  first: z.number(),
  again: z.number(),
})

export const gptHeadsSchema = z.strictObject({
  run: z.string(),
  text: z.string(),
  layers: z.number(),
  heads: z.number(),
  /** Bytes in base64, layer by layer, head by head, letter by letter: 255 times the weight on each letter up to it. */
  weights: z.string(),
  scores: z.array(
    z.strictObject({
      /** Counted from 1. */
      layer: z.number(),
      head: z.number(),
      /** Mean weight on the letter before, and on the letter itself, in held-out text. */
      previous: z.number(),
      self: z.number(),
      /** In random letters that come twice: on the letter that followed the present one the first time. */
      induction: z.number(),
    }),
  ),
  repeatedLetters: halves,
  repeatedText: halves,
  /** Nats a letter at each place of a window, on held-out text. */
  byPlace: z.array(z.number()),
})

export type GptHeads = z.infer<typeof gptHeadsSchema>

/** Weights of one head at each letter, on the letters up to it. */
export function weightsOf({ weights, text, heads }: GptHeads, layer: number, head: number): number[][] {
  const bytes = Uint8Array.from(atob(weights), letter => letter.charCodeAt(0))
  const size = (text.length * (text.length + 1)) / 2
  let at = ((layer - 1) * heads + head - 1) * size
  return Array.from(text, (_, query) => Array.from({ length: query + 1 }, () => (bytes[at++] ?? 0) / 255))
}
