// What settings and experiments make of optimizers and schedules, and settings that are no longer everybody's.
import { describe, expect, it } from 'vitest'
import { Linear, schedules, sgd } from '@ddlf/nn'
import {
  classification, classificationSettings, experiment, givenSettings, optimizerOf, parseSettings, publishedSet,
  recordedSettings, regression, trainingSettings, type TrainingSettings,
} from '../../src/index.ts'
import { learningRatesOf, stepOptions } from '../../src/experiment/recipe.ts'

const parts = { title: '', question: '', data: publishedSet('mnist'), model: () => new Linear(4, 2) }
const plain = experiment({ ...parts, name: 'plain', config: trainingSettings, task: regression() })
const classes = experiment({ ...parts, name: 'classes', config: classificationSettings, task: classification() })
const settingsWith = (given: Readonly<Record<string, unknown>> = {}) => parseSettings(plain, given)

const slotsOf = (given: Partial<TrainingSettings>) => optimizerOf({ ...settingsWith(), ...given }).slots

describe('settings', () => {
  it('describe every optimizer that they name', () => {
    expect(slotsOf({ optimizer: 'sgd' })).toEqual(['momentum'])
    expect(slotsOf({ optimizer: 'adamW' })).toEqual(['firstMoment', 'secondMoment'])
    expect(slotsOf({ optimizer: 'adadelta' })).toEqual(['squareAverage', 'changeAverage'])
    expect(slotsOf({ optimizer: 'muon' })).toEqual(['momentum', 'firstMoment', 'secondMoment'])
  })

  it('end the cosine at its minimum, half a cosine below its peak', () => {
    const settings = settingsWith({ schedule: 'cosine', scheduleMinimum: 0.1, learningRate: 2, epochs: 4 })
    const { learningRate } = learningRatesOf(plain, settings, 10)
    // PyTorch: CosineAnnealingLR(T_max=40, eta_min=0.2), lr=2.
    expect([0, 10, 20, 39].map(learningRate!)).toEqual([
      2, expect.closeTo(1.7363961030678928, 12) as number, 1.1, expect.closeTo(0.20277, 5) as number,
    ])
  })

  it('of a record that holds what every experiment once had are read, unless it did something', () => {
    const record = { ...settingsWith(), labelSmoothing: 0, lookahead: 0 }
    expect(recordedSettings(plain, record)).toEqual(settingsWith())
    expect(givenSettings(plain, record)).toEqual({})
    expect(() => recordedSettings(plain, { ...record, lookahead: 5 })).toThrow(/no setting of this name[^]*lookahead/)
    expect(recordedSettings(classes, { ...record, labelSmoothing: 0.1 })).toMatchObject({ labelSmoothing: 0.1 })
    // Typed, it is a mistake.
    expect(() => parseSettings(plain, ['lookahead=0'])).toThrow(/no setting of this name/)
  })
})

describe('an experiment', () => {
  const own = experiment({
    ...parts, name: 'own', config: trainingSettings, task: regression(),
    recipe: (_, { totalSteps }) => ({
      optimizer: sgd(),
      schedule: schedules.linearWarmup({ steps: totalSteps }),
      groups: [{ parameters: ['bias'], rate: 2 }],
    }),
  })

  it('has a recipe of its own, which knows how long the training is', () => {
    const settings = settingsWith({ epochs: 2, learningRate: 0.3 })
    const { learningRate } = learningRatesOf(own, settings, 5)
    expect(learningRate!(0)).toBeCloseTo(0.3 / 11, 12)
    const options = stepOptions(own, settings, { model: new Linear(4, 2), batch: {}, totalSteps: 10 })
    expect(options).toMatchObject({ optimizer: { name: 'sgd', slots: [] }, groups: [{ rate: 2 }] })
  })

  it('says which parameters are trained', () => {
    const fixed = { ...plain, recipe: () => ({ trains: ['bias'] }) }
    const asked = { model: new Linear(4, 2), batch: {}, totalSteps: 10 }
    expect(stepOptions(fixed, settingsWith(), asked)).toMatchObject({ trainable: ['bias'] })
    expect(stepOptions(plain, settingsWith(), asked)).not.toHaveProperty('trainable')
  })

  it('whose only phase rests is refused', () => {
    const task = { ...regression(), phases: () => [{ ...regression().phases({})[0]!, every: 2 }] }
    const resting = experiment({ ...parts, name: 'resting', config: trainingSettings, task })
    expect(() => stepOptions(resting, settingsWith(), { model: new Linear(4, 2), batch: {}, totalSteps: 10 }))
      .toThrow(/only phase of a step takes part in every step[^]*every: 2/)
  })
})
