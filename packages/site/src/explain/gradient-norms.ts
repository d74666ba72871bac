// Gradients of real nets before their first step, as recorded.
import { z } from 'zod'

export const gradientNormsSchema = z.object({
  experiment: z.string(),
  /** Pictures in the batch. */
  batch: z.number(),
  seeds: z.number(),
  /** Root mean square of the gradient by each convolution, from the first layer on; a geometric mean over the seeds. */
  nets: z.array(z.object({ name: z.string(), norms: z.array(z.number()) })),
})

export type GradientNorms = z.infer<typeof gradientNormsSchema>
