// The worker in which a learner's code runs and is checked. It has neither network nor what the browser keeps for the
// site, and is ended when it takes too long.
import type { Exercise } from '@ddlf/course'
import { runExercise, type Outcome } from '../exercises/run-exercise.ts'
import { shutOut } from '../exercises/shut-out.ts'

export interface Attempt {
  readonly name: string
  readonly source: string
}

const topics = import.meta.glob<{ readonly exercises: readonly Exercise[] }>(
  '#course/topics/*/exercises/exercises.ts',
)

async function exerciseOf(name: string): Promise<Exercise | undefined> {
  for (const load of Object.values(topics)) {
    const { exercises } = await load()
    const found = exercises.find(one => one.name === name)
    if (found) return found
  }
  return undefined
}

// Kept from the beginning: the learner's code finds no way to say anything to the page.
const post: (message: Outcome | 'ready') => void = globalThis.postMessage.bind(globalThis)

globalThis.addEventListener('message', ({ data: { name, source } }: MessageEvent<Attempt>) => {
  exerciseOf(name).then(
    exercise => {
      // Everything is loaded: from here on only the learner's code runs.
      shutOut(globalThis)
      post('ready')
      if (exercise) post(runExercise(exercise, source))
      else post({ kind: 'broken', message: `There is no exercise '${name}'.`, line: undefined })
    },
    (error: unknown) => post({ kind: 'broken', message: String(error), line: undefined }),
  )
})
