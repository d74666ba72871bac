// The recorded studies and learning-rate searches of all topics, read while the site is built.
import {
  rateResultSchema,
  searchSavingSchema,
  studyResultSchema,
  type RateResult,
  type SearchSaving,
  type StudyResult,
} from '@ddlf/lab'

const files = import.meta.glob<unknown>('#course/topics/*/studies/*.json', {
  eager: true,
  import: 'default',
})

const contents = Object.values(files)
const studies = contents.flatMap(content => studyResultSchema.safeParse(content).data ?? [])
const rates = contents.flatMap(content => rateResultSchema.safeParse(content).data ?? [])
const savings = contents.flatMap(content => searchSavingSchema.safeParse(content).data ?? [])
const read = studies.length + rates.length + savings.length
if (read < contents.length) throw new Error('A recorded study cannot be read.')

/** The recorded study of a name; undefined where there is none yet. */
export const studyResultOf = (name: string): StudyResult | undefined => studies.find(study => study.name === name)

/** The recorded search for the learning rate of an experiment; undefined where there is none yet. */
export const rateResultOf = (experiment: string): RateResult | undefined =>
  rates.find(found => found.experiment === experiment)

/** What was recorded of the saving by stopping trials of an experiment early; undefined where nothing is. */
export const searchSavingOf = (experiment: string): SearchSaving | undefined =>
  savings.find(found => found.experiment === experiment)
