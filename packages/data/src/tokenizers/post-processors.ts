// What is added around the tokens of a text: beginnings, ends, separators, and which of two texts a token belongs to.
import { UserError } from '@ddlf/tensor/errors'
import type { PostProcessorSettings } from './tokenizer-json.ts'

/** One part of the whole: a special token, or the tokens of the first or second text. */
export type TemplatePart =
  { readonly id: number; readonly type: number } | { readonly sequence: 'A' | 'B'; readonly type: number }

/** What a file's post-processors say. */
export interface PostProcess {
  /** The parts of an encoding of one text. */
  readonly single: readonly TemplatePart[]
  /** The parts of an encoding of two. */
  readonly pair: readonly TemplatePart[]
  /** Whether places leave out the blanks that byte-level tokens carry, and whether a blank was put before the text. */
  readonly trim: { readonly prefixed: boolean } | undefined
}

const A = { sequence: 'A', type: 0 } as const
const B = { sequence: 'B', type: 0 } as const
const special = (id: number, type = 0): TemplatePart => ({ id, type })

type Template = Extract<PostProcessorSettings, { type: 'TemplateProcessing' }>

function readTemplate({ special_tokens: tokens }: Template, parts: Template['single']): TemplatePart[] {
  return parts.flatMap((part): TemplatePart[] => {
    const sequence = part['Sequence'] as { id: string; type_id: number } | undefined
    if (sequence) return [{ sequence: sequence.id === 'B' ? 'B' : 'A', type: sequence.type_id }]
    const { id: name, type_id: type } = part['SpecialToken'] as { id: string; type_id: number }
    const found = tokens[name]
    if (!found)
      throw new UserError({
        rule: 'A template may only name its own special tokens.',
        received: name,
        next: 'Check the tokenizer file.',
      })
    return found.ids.map(id => special(id, type))
  })
}

const trimmed = ({
  trim_offsets: trim,
  add_prefix_space: prefixed,
}: {
  readonly trim_offsets: boolean
  readonly add_prefix_space: boolean
}) => (trim ? { prefixed } : undefined)

function postProcess(settings: PostProcessorSettings): Partial<PostProcess> {
  switch (settings.type) {
    case 'ByteLevel':
      return { trim: trimmed(settings) }
    case 'TemplateProcessing':
      return {
        single: readTemplate(settings, settings.single),
        ...(settings.pair.length > 0 && { pair: readTemplate(settings, settings.pair) }),
      }
    case 'BertProcessing': {
      const [cls, sep] = [special(settings.cls[1]), settings.sep[1]]
      return { single: [cls, A, special(sep)], pair: [cls, A, special(sep), { ...B, type: 1 }, special(sep, 1)] }
    }
    case 'RobertaProcessing': {
      const [cls, sep] = [special(settings.cls[1]), special(settings.sep[1])]
      return { single: [cls, A, sep], pair: [cls, A, sep, sep, B, sep], trim: trimmed(settings) }
    }
  }
}

/** What all post-processors of a file say together. */
export const postProcessing = (all: readonly PostProcessorSettings[]): PostProcess => ({
  single: [A],
  pair: [A, { ...B, type: 1 }],
  trim: undefined,
  ...(Object.assign({}, ...all.map(postProcess)) as Partial<PostProcess>),
})
