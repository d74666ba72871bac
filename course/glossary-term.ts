// A word of the glossary.

export interface GlossaryTerm {
  readonly term: string
  /** Other names and abbreviations, as somebody would search for them. */
  readonly aliases: readonly string[]
  readonly meaning: string
  /** Slug of the topic that explains it, and below it the part and the heading: `start-and-shape/#wide-or-deep`. */
  readonly topic: string
  readonly place: string
}

/** A word by where it is explained, its other names and its meaning. */
export const term = (
  topic: string,
  place: string,
  name: string,
  aliases: readonly string[],
  meaning: string,
): GlossaryTerm => ({
  term: name,
  aliases,
  meaning,
  topic,
  place,
})
