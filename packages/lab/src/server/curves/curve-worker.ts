// The thread that reads the logs, so that the one that answers never waits for them.
import { answerQuestions, tellProgress } from '../answer-questions.ts'
import type { CurveQuestion } from './curve-questions.ts'
import { CurveReader } from './curve-reader.ts'

const reader = new CurveReader(tellProgress)

answerQuestions((question: CurveQuestion) =>
  question.kind === 'series'
    ? reader.series(question.log, question.metric)
    : reader.news(question.log, question.cursors),
)
