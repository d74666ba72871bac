// What an analysis finds of a run, as the sections of its report: found in a process of its own.
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { experimentsFrom } from '../experiment/node/experiments-from.ts'
import { judgedData, loadTrainingData } from '../data-source/node/training-data.ts'
import { analysisSections } from '../plots/analysis-report.ts'
import { figureDocument } from '../plots/figure-document-node.ts'
import type { Section } from '../plots/report-parts.ts'
import { readRunCurves } from '../runs/node.ts'
import { analyzeRun } from '../trained/run-analysis.ts'
import { runTokenizer } from '../trained/node/run-tokenizer.ts'
import { runWords } from '../trained/node/run-words.ts'
import { openTrainedRun } from '../trained/node/trained-run.ts'

/** Which report. */
export interface ReportQuestion {
  readonly experimentsModule: ExperimentModules
  /** The folder that holds all runs, and the run's name. */
  readonly root: string
  readonly run: string
}

/** Analyses a run. @throws UserError where its model or its data cannot be read */
export async function reportOf({ experimentsModule, root, run }: ReportQuestion): Promise<readonly Section[]> {
  const experiments = await experimentsFrom(experimentsModule)
  const trained = openTrainedRun(experiments, root, run)
  const { experiment, model, settings } = trained
  const drawn = { document: figureDocument() }
  const parts = await loadTrainingData(experiment, settings, { of: trained })
  const { train } = parts
  const { dataset: test } = judgedData(experiment, settings, parts)
  const runtime = onnxNodeRuntime()
  const tokenizer = experiment.task.views?.text && (await runTokenizer(trained))
  const words = runWords(trained)
  const metrics = readRunCurves(trained.run)
  const results = await analyzeRun({ experiment, settings, model, metrics, train, test, runtime, tokenizer, words })
  // Its page has curves, and what its task shows, already.
  return analysisSections({ ...results, title: run, curves: [], taskFigures: [] }, drawn)
}
