// The thread that reads the journals of studies, so that the one that serves never waits for a long one.
import { answerQuestions } from './answer-questions.ts'
import { StudyIndex } from './study-index.ts'
import type { AskedOfStudies } from './study-questions.ts'

const indices = new Map<string, StudyIndex>()

function indexOf(root: string): StudyIndex {
  const index = indices.get(root) ?? new StudyIndex(root)
  indices.set(root, index)
  return index
}

answerQuestions((question: AskedOfStudies) => {
  const index = indexOf(question.root)
  if (question.kind === 'list') return JSON.stringify(index.list())
  return JSON.stringify(index.detail(question.name, question.stoppable, question.known))
})
