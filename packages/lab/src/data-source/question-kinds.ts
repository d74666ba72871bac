// What vectors of words are asked, by the number that stands in the data.
export const QUESTION_KINDS = ['neighbours', 'wordsim353', 'simlex999', 'men', 'semantic', 'syntactic'] as const
