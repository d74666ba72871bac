// What the plan says of each topic before anything of it is read: its field, and the question of its days.

/** The three fields of the course. */
export const fields = [
  { id: 'vision', title: 'Vision' },
  { id: 'language', title: 'Language' },
  { id: 'generation', title: 'Generation' },
] as const

export type FieldId = (typeof fields)[number]['id']

const plan: Readonly<Record<string, readonly [FieldId, string]>> = {
  'mlp-on-mnist': ['vision', 'How do 784 numbers become a digit?'],
  'intro-level-cnn': ['vision', 'What does a window know that a whole picture has to learn?'],
  'deeper-in-cnn': ['vision', 'Why does a shortcut let depth pay?'],
  'words-as-vectors': ['language', 'How does a word get a place among others?'],
  'text-classification': ['language', 'How far do you get by counting words?'],
  'recurrent-language-models': ['language', 'What can a net remember of what it has read?'],
  'seq2seq-and-attention': ['language', 'Where does a translation look while it writes?'],
  'transformer-and-gpt': ['language', 'How does guessing the next letter become writing?'],
  'vision-transformer': ['vision', 'Can a picture be read like a sentence?'],
  'autoencoders-and-vae': ['generation', 'What is left of a picture in a few numbers?'],
  gan: ['generation', 'Can two nets teach each other to paint?'],
  'diffusion-and-flow': ['generation', 'How does noise become a digit?'],
  'pretrain-finetune-scale': ['generation', 'What does a net take along into a new task?'],
}

/** The field and the question of a topic; a topic of somebody's own is of the first field and asks nothing yet. */
export function planOf(slug: string): { readonly field: FieldId; readonly question: string | undefined } {
  const [field, question] = plan[slug] ?? [fields[0].id, undefined]
  return { field, question }
}
