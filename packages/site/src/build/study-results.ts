// The recorded studies and learning-rate searches of all topics, read while the site is built.
import { rateResultSchema, studyResultSchema, type RateResult, type StudyResult } from '@ddlf/lab'

const files = import.meta.glob<unknown>('#course/topics/*/studies/*.json', {
  eager: true,
  import: 'default',
})

const contents = Object.values(files)
const studies = contents.flatMap(content => studyResultSchema.safeParse(content).data ?? [])
const rates = contents.flatMap(content => rateResultSchema.safeParse(content).data ?? [])
if (studies.length + rates.length < contents.length) throw new Error('A recorded study cannot be read.')

/** The recorded study of a name; undefined where there is none yet. */
export const studyResultOf = (name: string): StudyResult | undefined => studies.find(study => study.name === name)

/** The recorded search for the learning rate of an experiment; undefined where there is none yet. */
export const rateResultOf = (experiment: string): RateResult | undefined =>
  rates.find(found => found.experiment === experiment)
