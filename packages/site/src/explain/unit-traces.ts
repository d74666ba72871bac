// What single units of a recurrent net follow while it reads: their values at each letter of a text.
import { z } from 'zod'

export const unitTracesSchema = z.strictObject({
  run: z.string(),
  experiment: z.string(),
  /** Those of the run that are not the experiment's defaults, and its width and steps. */
  settings: z.looseObject({ hidden: z.number(), steps: z.number() }),
  /** How many letters of held-out text the correlations are over. */
  letters: z.number(),
  text: z.string(),
  units: z.array(
    z.strictObject({
      unit: z.number(),
      /** In words, what the unit was sought for. */
      follows: z.string(),
      /** Of the unit's value with that, over all letters. */
      correlation: z.number(),
      /** Signed bytes in base64: 127 times the value at each letter of the text, turned so that it rises with it. */
      values: z.string(),
    }),
  ),
})

export type UnitTraces = z.infer<typeof unitTracesSchema>

/** Values from -1 to 1. */
export function readTrace({ values }: UnitTraces['units'][number]): number[] {
  const bytes = Uint8Array.from(atob(values), letter => letter.charCodeAt(0))
  return Array.from(new Int8Array(bytes.buffer), value => value / 127)
}
