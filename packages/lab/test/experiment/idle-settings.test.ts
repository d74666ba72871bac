// Chosen settings that change nothing are said; those that have their effect, and those that nobody chose, are not.
import { expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { Linear, schedules, sgd } from '@ddlf/nn'
import { z } from 'zod'
import {
  experiment, findExperiment, parseSettings, publishedSet, recordedSettings, regression, trainingSettings,
} from '../../src/index.ts'
import { idleNotes } from '../../src/experiment/idle-settings.ts'

const parts = {
  title: '', question: '', data: publishedSet('mnist'), config: trainingSettings, task: regression(),
  model: () => new Linear(4, 2),
}
const plain = experiment({ ...parts, name: 'plain' })

const notesOf = (of: typeof plain, ...given: string[]) => idleNotes(of, parseSettings(of, given))

it.each([
  [['optimizer=adam', 'momentum=0.5'], ['without effect: momentum=0.5 (with optimizer=adam)']],
  [['beta1=0.5', 'nesterov=true'], ['without effect: beta1=0.5 (with optimizer=sgd)']],
  [['scheduleEpochs=3', 'scheduleFactor=0.5', 'schedule=exponential'],
    ['without effect: scheduleEpochs=3 (with schedule=exponential)']],
  [['evaluateEvery=10', 'scheduleMinimum=0.1'],
    ['without effect: evaluateEvery=10 (with steps=0), scheduleMinimum=0.1 (with schedule=constant)']],
  [['epochs=3', 'steps=500'], ['without effect: epochs=3 (with steps=500)']],
  [['optimizer=muon', 'momentum=0.5', 'beta2=0.9', 'schedule=cosine', 'scheduleMinimum=0.1', 'steps=250'], []],
  [['optimizer=adam', 'momentum=0.9'], []],
  [[], []],
])('%j', (given, notes) => {
  expect(notesOf(plain, ...given)).toEqual(notes)
})

it('an experiment that moves its parameters by a recipe of its own is judged by what it says itself', () => {
  const own = experiment({
    ...parts,
    name: 'own',
    config: z.strictObject({
      ...trainingSettings.shape, fast: z.boolean().default(false), reach: z.number().default(1),
    }),
    recipe: ({ fast, momentum, scheduleEpochs: every }) =>
      (fast ? { optimizer: sgd({ momentum }), schedule: schedules.step({ every, gamma: 0.5 }) } : {}),
    idle: ({ fast }) => (fast ? {} : { reach: 'fast=false' }),
  })
  expect(notesOf(own, 'fast=true', 'optimizer=adam', 'momentum=0.5', 'scheduleEpochs=3', 'reach=2')).toEqual([])
  expect(notesOf(own, 'epochs=3', 'steps=500')).toEqual([])
  expect(notesOf(own, 'reach=2')).toEqual(['without effect: reach=2 (with fast=false)'])
})

it('subwords are a setting of what may be cut into them alone, and older records may hold it', () => {
  const having = experiments.filter(({ config }) => Object.hasOwn(config.shape, 'subwords'))
  expect(having.map(({ name }) => name).sort()).toEqual(['text-pairs', 'translate-captions'])
  const dates = findExperiment(experiments, 'read-dates')
  expect(recordedSettings(dates, { ...parseSettings(dates), subwords: 4000 })).toEqual(parseSettings(dates))
})

it.each([
  ['perceptrons-of-examples', ['alpha=0.9', 'optimizer=adam'], 'alpha=0.9 (with optimizer=adam)'],
  ['perceptrons-of-examples', ['alpha=0.9', 'optimizer=rmsProp'], undefined],
  ['lenet-of-1989', ['schedule=cosine', 'lastRate=0.5'], 'schedule=cosine (with lastRate=0.5)'],
  ['published-convnets-on-mnist', ['drops=1'], 'drops=1 (with schedule=constant)'],
  ['published-convnets-on-mnist', ['drops=1', 'schedule=step', 'scheduleFactor=0.5'], undefined],
  ['published-convnets-on-fashion', ['dive=cosine', 'schedule=step'], 'schedule=step (with dive=cosine)'],
  ['published-convnets-on-fashion', ['mixAlpha=1'], 'mixAlpha=1 (with mix=none)'],
  ['resnet-on-cifar-10', ['mixAlpha=0.5'], 'mixAlpha=0.5 (with mix=none)'],
  ['adding-problem', ['cell=rnn', 'peepholes=true'], 'peepholes=true (with cell=rnn)'],
  ['temporal-order', ['gates=all', 'peepholes=true'], undefined],
  ['context-net-on-names', ['normMomentum=0.5'], 'normMomentum=0.5 (with batchNorm=false)'],
  ['reverse-letters', ['translator=luong', 'heads=2'], 'heads=2 (with translator=luong)'],
  ['reverse-letters', ['translator=transformer', 'heads=2'], undefined],
  ['translate-captions', ['subwords=500', 'heads=2'], 'heads=2 (with translator=bahdanau)'],
  ['text-pairs', ['subwords=500', 'units=blanks'], 'subwords=500 (with units=blanks)'],
  ['text-pairs', ['subwords=500', 'units=subwords'], undefined],
  ['attention-on-shakespeare', ['layers=6'], 'layers=6 (with rung=blocks)'],
  ['attention-on-shakespeare', ['rung=one-head', 'heads=2'], 'heads=2 (with rung=one-head)'],
  ['gpt-on-text', ['vocabularySize=300'], 'vocabularySize=300 (with tokenizer=characters)'],
  ['gpt-on-text', ['vocabularySize=300', 'tokenizer=bpe'], undefined],
  // What learns without steps.
  ['naive-bayes-on-mails', ['epochs=3', 'learningRate=0.5', 'smoothing=0.5', 'seed=2', 'trainExamples=100'],
    'epochs=3 (with no training steps), learningRate=0.5 (with no training steps)'],
  ['nb-svm-on-texts', ['cost=0.5', 'validation=0.1'], undefined],
  ['kneser-ney-on-shakespeare', ['steps=500'], 'steps=500 (with no training steps)'],
  ['skip-gram', ['epochs=2', 'learningRate=0.5', 'momentum=0.5'], 'momentum=0.5 (with no training steps)'],
])('%s with %j', (name, given, said) => {
  expect(notesOf(findExperiment(experiments, name), ...given)).toEqual(
    said === undefined ? [] : [`without effect: ${said}`])
})

it('what experiments call idle are settings of theirs, and so is what keeps them from having an effect', () => {
  const idleOf = (one: typeof plain) => Object.entries(one.idle?.(parseSettings(one)) ?? {})
  const found = experiments.flatMap(one => idleOf(one).map(entry => ({ one, entry })))
  expect(found.length).toBeGreaterThan(5)
  for (const { one, entry: [name, reason] } of found) {
    expect(Object.keys(one.config.shape)).toContain(name)
    expect(() => parseSettings(one, [reason])).not.toThrow()
  }
})
