// What an analysis finds of a classifier: its answers, its worst losses, what they depend on, how it sees the data.
import { columnOf, type Dataset } from '@ddlf/data'
import { classesOf, inputOf } from '../../experiment/experiment-data.ts'
import { picturesOf } from '../../plots/pictures-of.ts'
import type { Evaluation } from '../../tasks/task.ts'
import type { AnalysedRun } from '../../trained/analysed-run.ts'
import { answersOf } from './answers.ts'
import { calibration } from './calibration.ts'
import { explainClasses, type Attribution } from './explain-classes.ts'
import { featureMaps, type FeatureMap } from './feature-maps.ts'
import type { ClassifierResults } from './report-sections.ts'
import { topLosses } from './top-losses.ts'

/** Everything that is found of a classifier. */
export interface AnalysedClassifier extends ClassifierResults {
  readonly attribution?: readonly Attribution[]
  readonly embeddings?: readonly FeatureMap[]
}

/** Pictures in the gallery of top losses: three full rows. */
const WORST = 21

const isClassification = ({ outputs }: Evaluation, dataset: Dataset) =>
  outputs['logits']?.shape.length === 1 && dataset.columns['labels'] !== undefined

/** Analyses a classifier; nothing where the run is of none. */
export async function classifierResults(run: AnalysedRun, evaluation: Evaluation): Promise<AnalysedClassifier> {
  const { experiment, settings, test } = run
  if (!isClassification(evaluation, test)) return {}
  const logits = evaluation.outputs['logits']?.data ?? new Float32Array()
  const labels = columnOf(test, 'labels').data
  const count = evaluation.outputs['logits']?.shape[0] ?? 0
  const known = classesOf(experiment, settings)
  const classes = known.length === count ? known : Array.from({ length: count }, (_, i) => String(i))
  const { predicted, confusion } = answersOf(logits, labels, classes)
  const losses = topLosses(logits, labels, WORST, { from: 'logits' })
  const images = picturesOf(test, inputOf(experiment, settings).name, losses.map(({ index }) => index))
  const texts = test.text?.['text']
  const attribution = await explainClasses(run, logits, predicted, classes)
  const embeddings = await featureMaps(run, classes)
  return {
    confusion,
    calibration: calibration(logits, labels, { from: 'logits' }),
    topLosses: {
      losses,
      classes,
      ...(images && { images }),
      ...(texts && { texts: losses.map(({ index }) => texts[index] ?? '') }),
    },
    ...(attribution && { attribution }),
    ...(embeddings && { embeddings }),
  }
}
