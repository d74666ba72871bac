// Lottery tickets: how many trainings the steps make, and what each takes out.
import { expect, it } from 'vitest'
import { printGraph } from '@ddlf/tensor'
import { parseSettings, stepGraph } from '@ddlf/lab'
import { lotteryTickets } from '../topics/01-mlp-on-mnist/lottery-tickets.ts'
import { topics } from '@ddlf/course'

const graphOf = (given: Record<string, unknown>) =>
  stepGraph(lotteryTickets, parseSettings(lotteryTickets, { hidden: [6], batchSize: 4, ...given }))

it('keep a mask and the first value of every weight, and prune in a branch of the step', () => {
  const one = graphOf({ steps: 50_000 })
  const names = one.inputs.map(({ leaf }) => leaf?.name ?? '')
  expect(names.filter(name => name.startsWith('mask/'))).toEqual(['mask/hidden.0.weight', 'mask/logits.weight'])
  expect(names.filter(name => name.startsWith('initial/'))).toHaveLength(4)
  const branches = (given: Record<string, unknown>) =>
    printGraph(graphOf(given)).match(/= cond\b/g)?.length ?? 0
  expect(branches({ steps: 50_000 })).toBe(0)
  expect(branches({ steps: 50_001 })).toBe(4)
})

it('are recorded where 21 and 3.6 percent of the weights are left', () => {
  const { arms } = topics.flatMap(({ recordings = [] }) => recordings)
    .find(({ experiment }) => experiment === lotteryTickets.name) ?? { arms: [] }
  const left = arms.map(({ settings }) => {
    const { steps, ...others } = parseSettings(lotteryTickets, settings)
    const { roundSteps, pruned } = others as unknown as { roundSteps: number; pruned: number }
    return (1 - pruned) ** (steps / roundSteps - 1)
  })
  expect(left.map(share => Number(share.toFixed(3)))).toEqual([1, 0.21, 0.035])
})
