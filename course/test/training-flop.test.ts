// What the memo counts the trainings of others with, against the count of a compiled step.
import { expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings, stepGraph } from '@ddlf/lab'
import { flopOf } from '@ddlf/tensor'
import { trainingFlop } from '../topics/01-mlp-on-mnist/training-flop.ts'

it.each([{ hidden: [128, 32] }, { hidden: [800, 800] }, { hidden: [1024, 1024, 1024] }])(
  'the cost of a perceptron of $hidden is within a tenth of what its step counts',
  ({ hidden }) => {
    const experiment = findExperiment(experiments, 'mlp-on-mnist')
    const counted = flopOf(stepGraph(experiment, parseSettings(experiment, { hidden, batchSize: 100 })))
    expect(trainingFlop([784, ...hidden, 10], 100) / counted).toBeGreaterThan(0.9)
    expect(trainingFlop([784, ...hidden, 10], 100) / counted).toBeLessThan(1.1)
  },
)
