// ddlf exercise [name]: a file with a hole, a check that explains what is wrong, hints, an answer, and how far one has
// come.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { nearestName, UserError } from '@ddlf/tensor'
import type { Exercise, Topic } from '@ddlf/course'
import { makeFolder } from '@ddlf/data/make-folder'
import { topics } from '../course.ts'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatTable } from '../terminal/format.ts'
import { checkFile } from '../exercises/check-file.ts'
import { topicFolder } from '../course-folders.ts'

interface Task {
  readonly topic: Topic
  readonly exercise: Exercise
}

const tasks = (): Task[] => topics.flatMap(topic => (topic.exercises ?? []).map(exercise => ({ topic, exercise })))

/** The learner's own copy of an exercise. */
const fileOf = (folder: string, { topic, exercise }: Task) => join(resolve(folder), topic.slug, `${exercise.name}.ts`)

const shipped = ({ topic, exercise }: Task, part: 'holes' | 'answers') =>
  join(topicFolder(topic), 'exercises', part, `${exercise.name}.ts`)

/** `--folder <folder>` where the files lie elsewhere. */
const folderWords = (folder: string) => (folder === 'exercises' ? [] : ['--folder', folder])

async function overview(folder: string): Promise<void> {
  let solved = 0
  const rows: string[][] = []
  const all = tasks()
  for (const task of all) {
    const file = fileOf(folder, task)
    const begun = existsSync(file)
    const right = begun && (await checkFile(file, task.topic, task.exercise)) === undefined
    solved += Number(right)
    const { topic: { days }, exercise } = task
    rows.push([right ? pc.green('✓') : begun ? pc.yellow('…') : '', days.join('-'), exercise.name, exercise.title])
  }
  console.log(formatTable(['', 'days', 'exercise', 'about'], rows))
  const next = all.find(task => !existsSync(fileOf(folder, task)))
  const further = next ? ` Next: ${suggest('exercise', next.exercise.name, ...folderWords(folder))}` : ''
  console.log(
    `\n${solved} of ${all.length} solved.${further}`,
  )
}

async function work(task: Task, folder: string): Promise<void> {
  const { exercise } = task
  const file = fileOf(folder, task)
  const shown = relative('', file)
  if (!existsSync(file)) {
    makeFolder(dirname(file))
    copyFileSync(shipped(task, 'holes'), file)
    // Wherever the folder lies, its files are modules.
    const manifest = join(resolve(folder), 'package.json')
    if (!existsSync(manifest)) writeFileSync(manifest, '{ "type": "module" }\n')
    console.log(
      `${pc.bold(exercise.title)}\n` +
        `Open ${pc.cyan(shown)}, read its first lines, and fill the hole. Then run this command again.`,
    )
    return
  }
  const finding = await checkFile(file, task.topic, exercise)
  if (!finding) {
    console.log(
      `${pc.green('Right.')} ${exercise.title} is solved. What is ` +
      `left: ${suggest('exercise', ...folderWords(folder))}\n` +
        `Another way to write it: ${suggest('exercise', exercise.name, '--answer')}`,
    )
    return
  }
  console.log(
    `${pc.yellow('Not yet.')} ${finding.because}\n\n${finding.details}\n\n` +
      `${shown}; ${exercise.hints.length} hints: ${suggest('exercise', exercise.name, '--hint', '1')}`,
  )
  process.exitCode = 1
}

/** Does what `ddlf exercise` is asked for. */
export async function exerciseAction(
  name: string | undefined,
  { hint, answer = false, folder }: { hint?: number; answer?: boolean; folder: string },
): Promise<void> {
  if (name === undefined) {
    await overview(folder)
    return
  }
  const task = tasks().find(({ exercise }) => exercise.name === name)
  if (!task) {
    const near = nearestName(
      name,
      tasks().map(({ exercise }) => exercise.name),
    )
    throw new UserError({
      rule: 'There is no exercise of this name.',
      received: name,
      next: near ? `Did you mean '${near}'?` : `All exercises: ${suggest('exercise')}`,
    })
  }
  if (answer) console.log(readFileSync(shipped(task, 'answers'), 'utf8'))
  else if (hint !== undefined) {
    const text = task.exercise.hints[hint - 1]
    if (text === undefined)
      throw new UserError({
        rule: `There is no such hint: '${name}' has hints 1 to ${task.exercise.hints.length}.`,
        received: String(hint),
        next: `The first: ${suggest('exercise', name, '--hint', '1')}`,
      })
    console.log(text)
  } else await work(task, folder)
}
