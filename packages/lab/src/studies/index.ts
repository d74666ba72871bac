// Studies, the portable part: search spaces, samplers, pruners, and the study that asks and tells.
export { WorkerLost, WorkRefused } from '../jobs/workers.ts'
export type { GivenWork, Work, WorkContext, WorkFunction, WorkPlace, Workers } from '../jobs/workers.ts'
export { BudgetTally, spentBudget, type StudyBudget, type Spent } from './budget.ts'
export { judgeFresh, type FreshRun, type FreshRuns, type FreshVerdict } from './confirmed.ts'
export { continuedBy, standing } from './continuation.ts'
export * from './default-space.ts'
export { fanova, type FanovaOptions } from './importance/fanova.ts'
export { fewTrialsText } from './importance/few-trials.ts'
export * from './importance/ped-anova.ts'
export * from './importance/study-importance.ts'
export { prunerName, prunerOf, samplerName, samplerOf } from './named.ts'
export { prunerNames, samplerNames } from './names.ts'
export { COSTS, directionOf, isCost, objectivesOf, reportedObjective } from './objective.ts'
export * from './run-study.ts'
export { checkSpaceOf, trialSettings } from './trial-settings.ts'
export { formatRecord, journalRecordSchema, parseRecord, type JournalRecord } from './journal-record.ts'
export * from './journal.ts'
export { paretoFront } from './pareto.ts'
export * from './pruners/hyperband.ts'
export * from './pruners/median.ts'
export * from './pruners/pruner.ts'
export { successiveHalvingPruner, type SuccessiveHalvingOptions } from './pruners/successive-halving.ts'
export { wilcoxonPruner, type WilcoxonPrunerOptions } from './pruners/wilcoxon.ts'
export { cmaEsSampler, type CmaEsOptions } from './samplers/cma-es.ts'
export { gaussianProcessSampler, type GaussianProcessOptions } from './samplers/gaussian-process-sampler.ts'
export * from './samplers/grid.ts'
export * from './samplers/quasi-random.ts'
export { randomSampler } from './samplers/random.ts'
export { SamplerExhausted, type Sampler, type SamplerQuestion, type Suggestion } from './samplers/sampler.ts'
export * from './samplers/tpe.ts'
export { countValues, floatRange, intRange, oneOf } from './space/distribution.ts'
export type {
  CategoricalDistribution,
  Choice,
  Distribution,
  FloatDistribution,
  IntDistribution,
  NumericDistribution,
} from './space/distribution.ts'
export * from './space/optuna-distribution.ts'
export {
  checkParams, isActive, parameterGroups, searchSpace, spaceDifference, variedNames, when,
} from './space/space.ts'
export type { Condition, Parameter, Params, Space } from './space/space.ts'
export * from './space/space-text.ts'
export * from './create-study.ts'
export { Study, type Outcome, type RunningTrial } from './study.ts'
export * from './study-description.ts'
export { asLoss, isFinished, type Direction, type Trial, type TrialState } from './trial.ts'
export { countBegun, shownParams } from './waiting.ts'
