// What the task of a run on disk has to show, for a recorded result and for the page of the run.
import type { Dataset } from '@ddlf/data'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { decode } from 'fast-png'
import { pictureSheet } from '../../plots/picture-sheet.ts'
import type { MadePictures, TaskFigure } from '../../tasks/task.ts'
import type { ShownFigure } from '../shown-figure.ts'
import { taskFigures } from '../task-figures.ts'
import { runTokenizer } from './run-tokenizer.ts'
import type { TrainedRun } from './trained-run.ts'

function shownFigure({ title, text, pictures, columns, texts }: TaskFigure): ShownFigure {
  return {
    title,
    text,
    ...(pictures && { sheet: sheetOf(pictures, columns) }),
    ...(texts && { texts: [...texts] }),
  }
}

/** Pictures side by side. */
function sheetOf(pictures: MadePictures, columns: number | undefined): NonNullable<ShownFigure['sheet']> {
  const png = pictureSheet(pictures, columns === undefined ? {} : { columns })
  const { width, height } = decode(png)
  const size = pictures.shape.reduce((product, extent) => product * extent, 1)
  return { png: Buffer.from(png).toString('base64'), width, height, pictures: pictures.data.length / size }
}

/**
 * The figures of the task of a run; none where it has none.
 * @param judging gives the data that judge the model; asked where a figure is of them
 */
export async function shownFigures(
  trained: Pick<TrainedRun, 'name' | 'run' | 'record' | 'experiment' | 'settings' | 'model'>,
  judging: () => Promise<Dataset>,
): Promise<ShownFigure[]> {
  const { views } = trained.experiment.task
  if (!views?.figures) return []
  const tokenizer = views.text && (await runTokenizer(trained))
  return (await taskFigures(trained, judging, onnxNodeRuntime(), tokenizer)).map(shownFigure)
}
