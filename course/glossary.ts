// The words of the course: what each means in a sentence, what else it is called, and where it is shown.
import { languageTerms } from './glossary-language.ts'
import { visionTerms } from './glossary-vision.ts'
import type { GlossaryTerm } from './glossary-term.ts'

export type { GlossaryTerm }

export const glossary: readonly GlossaryTerm[] = [...visionTerms, ...languageTerms]
