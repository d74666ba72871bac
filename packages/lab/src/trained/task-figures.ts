// What a task has to show of a trained model, beside what is shown of every model.
import type { Runtime } from '@ddlf/tensor'
import { take, type Dataset } from '@ddlf/data'
import type { TaskFigure } from '../tasks/task.ts'
import { Evaluator } from '../train/evaluator.ts'
import { askModel } from './ask-model.ts'
import type { SampledModel } from './sample-pictures.ts'

/** The figures of a task; none where it has none. @param judging the data that judge the model */
export async function taskFigures(
  { experiment, settings, model }: SampledModel,
  judging: Dataset,
  runtime: Runtime,
): Promise<readonly TaskFigure[]> {
  const { figures } = experiment.task.views ?? {}
  if (!figures) return []
  const asked = askModel(experiment, settings, model, runtime)
  const evaluator = new Evaluator(experiment, settings, model, runtime)
  try {
    return await figures({
      settings,
      ask: asked.ask,
      async evaluated(examples, names) {
        const first = take(judging, Math.min(examples, judging.length))
        return (await evaluator.evaluate(first, { also: names })).outputs
      },
    })
  } finally {
    await Promise.all([asked.release(), evaluator.release()])
  }
}
