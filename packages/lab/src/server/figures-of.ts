// What the task of a run has to show of its model. Opens the model and the data: runs in a process of its own.
import { judgedPart } from '../data-source/data-source.ts'
import { loadSplit } from '../data-source/node/training-data.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { experimentsFrom } from '../experiment/node/experiments-from.ts'
import { shownFigures } from '../trained/node/shown-figures.ts'
import { openTrainedRun } from '../trained/node/trained-run.ts'
import type { ShownFigure } from '../trained/shown-figure.ts'

/** Whose figures. */
export interface FiguresQuestion {
  readonly experimentsModule: ExperimentModules
  /** The folder that holds all runs. */
  readonly root: string
  /** `<experiment>/<id>` */
  readonly run: string
}

/** The figures; none where its task has none. @throws UserError where its model or its data cannot be read */
export async function figuresOf({ experimentsModule, root, run }: FiguresQuestion): Promise<ShownFigure[]> {
  const trained = openTrainedRun(await experimentsFrom(experimentsModule), root, run)
  const part = judgedPart(trained.experiment.data, trained.settings)
  return shownFigures(trained, async () => (await loadSplit(trained, part)).dataset)
}
