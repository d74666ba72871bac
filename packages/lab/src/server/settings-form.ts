// An experiment's settings as a form asks for them: the few that matter first, and none that the data decide.
import { z } from 'zod'
import { isFoundSetting, type Experiment } from '../experiment/experiment.ts'
import { textSettings } from '../data-source/published-texts.ts'
import { classificationSettings } from '../tasks/classification/classification.ts'

/** One setting of a form. */
export interface SettingField {
  readonly name: string
  readonly description: string
  readonly default: unknown
  /** `main`: asked for first; `more`: for those who look for it. */
  readonly group: 'main' | 'more'
  /** What it is about. */
  readonly topic: 'model' | 'training' | 'regularisation' | 'data'
  /** What the text of the field stands for. */
  readonly kind: 'number' | 'text' | 'numbers' | 'texts'
  /** All that the setting may be, where that is a short list: the field is a choice of these. */
  readonly choices?: readonly unknown[]
}

/** An experiment as the form that starts a run shows it. */
export interface ExperimentForm {
  readonly name: string
  readonly title: string
  readonly question: string
  readonly dataset: string
  /** Set where it learns from the user's own data. */
  readonly own: string | null
  readonly settings: readonly SettingField[]
}

/** A setting as JSON Schema describes it, as far as a form reads that. */
interface SettingSchema {
  readonly type?: string
  readonly default?: unknown
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly SettingSchema[]
  readonly items?: SettingSchema
}

/** Settings of all experiments that are asked for first. */
const FIRST = ['epochs', 'batchSize', 'learningRate', 'optimizer', 'seed']
/** Of own data, what says where they lie and what is learned of them. */
const FIRST_OF_OWN = ['data', 'text', 'label', 'source', 'target', 'units', 'kind', 'size', 'hidden']

const REGULARISATION = [
  'weightDecay', 'decayNormsAndBiases', 'maxNorm', 'clipNorm', 'averageDecay', 'labelSmoothing', 'dropout', 'augment',
  'patience',
]
const DATA = [
  'batchSize', 'dropLast', 'sampling', 'classWeights', 'validation', 'evaluateTest', 'trainExamples', 'seed', 'size',
]

function topicOf({ data: { decides = [] } }: Experiment, name: string): SettingField['topic'] {
  if (REGULARISATION.includes(name)) return 'regularisation'
  if (DATA.includes(name) || decides.includes(name)) return 'data'
  return Object.hasOwn(classificationSettings.shape, name) ? 'training' : 'model'
}

/** Of published texts, what is not about how they become numbers. */
const FIRST_OF_TEXTS = ['texts', 'testedOn', 'ngrams', 'maxTokens']
const ofTexts = Object.keys(textSettings).filter(name => !FIRST_OF_TEXTS.includes(name))

/** Other experiments are about the settings that they add to those of a training and of their texts. */
const isMain = ({ data: { own } }: Experiment, name: string) => {
  if (FIRST.includes(name)) return true
  if (own) return FIRST_OF_OWN.includes(name)
  return !Object.hasOwn(classificationSettings.shape, name) && !ofTexts.includes(name)
}

function choicesOf({ type, enum: values, const: only, anyOf }: SettingSchema): readonly unknown[] | undefined {
  if (values) return values
  if (only !== undefined) return [only]
  if (type === 'boolean') return [false, true]
  const parts = anyOf?.map(choicesOf)
  return parts?.every(part => part !== undefined) === true ? parts.flat() : undefined
}

const isNumber = ({ type }: SettingSchema = {}) => type === 'number' || type === 'integer'
const kindOf = (schema: SettingSchema): SettingField['kind'] =>
  schema.type === 'array' ? (isNumber(schema.items) ? 'numbers' : 'texts') : isNumber(schema) ? 'number' : 'text'

/** The form of an experiment. Own data come first: without their path nothing starts. */
export function settingsForm(experiment: Experiment): ExperimentForm {
  const {
    name,
    title,
    question,
    data: { name: dataset, own },
    config,
  } = experiment
  const schema = z.toJSONSchema(config, { unrepresentable: 'any', io: 'input' })
  const fields = Object.entries(schema.properties ?? {})
    .filter(([setting]) => !isFoundSetting(experiment, setting))
    .map(([setting, property]): SettingField => {
      const one = property as SettingSchema
      const choices = choicesOf(one)
      return {
        name: setting,
        description: one.description ?? '',
        default: one.default,
        group: isMain(experiment, setting) ? 'main' : 'more',
        topic: topicOf(experiment, setting),
        kind: kindOf(one),
        ...(choices && { choices }),
      }
    })
  const rank = ({ name: setting }: SettingField) => {
    const place = FIRST_OF_OWN.indexOf(setting)
    return own && place >= 0 ? place : FIRST_OF_OWN.length
  }
  return { name, title, question, dataset, own: own ?? null, settings: fields.sort((a, b) => rank(a) - rank(b)) }
}
