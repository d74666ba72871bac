// What was recorded for the opening figure of Days 13-14: sentences, the votes of their words, what models say of them.
import { z } from 'zod'

export const reviewWordsSchema = z.strictObject({
  /** What the models learned from. */
  settings: z.record(z.string(), z.unknown()),
  /** log p(positive) - log p(negative) before anything is read. */
  prior: z.number(),
  sentences: z.array(
    z.strictObject({
      words: z.array(z.string()),
      /** The log-odds of each word by naive Bayes; 0 of one that it never met. */
      votes: z.array(z.number()),
      /** The probability that it is positive, by each model. */
      said: z.array(z.number()),
      /** What each word adds to a model's log-odds: the sentence, asked about without it. Models by words. */
      effects: z.array(z.array(z.number())),
      /** The probability after the first word, the first two, and so on. Models by words. */
      read: z.array(z.array(z.number())),
    }),
  ),
  /** The models by name, with their experiments and the share of held-out sentences that each got wrong. */
  models: z.array(z.strictObject({ name: z.string(), experiment: z.string(), error: z.number() })),
})

/** As it is read in the page. */
export type ReviewWords = z.infer<typeof reviewWordsSchema>
