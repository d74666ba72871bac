// A figure of a task as a file or a page takes it: its pictures as one PNG, its texts as they are.
import { z } from 'zod'

export const shownFigureSchema = z.strictObject({
  title: z.string(),
  /** How to read it. */
  text: z.string(),
  /** Its pictures side by side: base64 of a PNG, width and height in pixels, and how many there are. */
  sheet: z
    .strictObject({ png: z.string(), width: z.number(), height: z.number(), pictures: z.number() })
    .optional(),
  texts: z.array(z.string()).optional(),
})

/** A figure of a task, for a file or a page. */
export type ShownFigure = z.infer<typeof shownFigureSchema>
