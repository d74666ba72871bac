// The experiments of Days 15-16: what counts, what looks at a few letters, recurrent nets, what must be remembered.
import { countingExperiments } from './counting-experiments.ts'
import { longLagExperiments } from './long-lag-experiments.ts'
import { namesExperiments } from './names-experiments.ts'
import { recurrentExperiments } from './recurrent-experiments.ts'

export const experiments = [...countingExperiments, ...namesExperiments, ...recurrentExperiments, ...longLagExperiments]
