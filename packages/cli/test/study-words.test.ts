// What is said of a study in words: what it will take, the time left, values of the objective that they are values of,
// and what fresh seeds say of a trial.
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { createStudy, floatRange, memoryJournal, metricOf, randomSampler, searchSpace, type Metric } from '@ddlf/lab'
import type { Confirmation } from '@ddlf/lab/node'
import { printConfirmation } from '../src/actions/tune-confirm.ts'
import { estimateText } from '../src/terminal/study-estimate.ts'
import { whyText } from '../src/terminal/study-text.ts'
import { studyView } from '../src/terminal/study-view.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const error: Metric = { name: 'error', title: 'error', unit: '', better: 'lower', format: 'percent' }
const accuracy: Metric = { ...error, name: 'accuracy', title: 'accuracy', better: 'higher' }
const parameters = metricOf([], 'parameters')

const made = (directions: readonly ('minimize' | 'maximize')[]) =>
  createStudy({
    name: 'made',
    space: searchSpace({ x: floatRange(0, 1) }),
    sampler: randomSampler(),
    journal: memoryJournal(),
    directions,
  })

/** A terminal that keeps what it is shown. */
function terminal() {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 140, rows: 40 })
  let text = ''
  output.on('data', (data: Buffer) => { text += data.toString() })
  return {
    output: output as unknown as NodeJS.WriteStream,
    text: () => stripVTControlCharacters(text),
    last: () => stripVTControlCharacters(text.slice(text.lastIndexOf('made '))),
  }
}

test('the live table shows what a trial reported as the metric that it is, whichever objective stands first', () => {
  const study = made(['minimize', 'minimize'])
  const { number } = study.ask()
  const { output, text } = terminal()
  const view = studyView(output, {
    study, name: 'made', objectives: [parameters, error], budget: { trials: 3 }, json: false,
  })
  study.report(number, 1, 0.0525)
  view.show({ kind: 'report', number, step: 1, value: 0.0525 })
  view.close()
  expect(text()).toMatch(/step +1 +5\.25 %/)
})

test('what is no event of a study stays above the live table, which is drawn anew below it', () => {
  const study = made(['minimize'])
  const { output, text } = terminal()
  const view = studyView(output, {
    study, name: 'made', objectives: [error], budget: { trials: 3 }, json: false,
  })
  const { number } = study.ask()
  view.show({ kind: 'report', number, step: 1, value: 0.5 })
  const shown: string[] = []
  const tables = () => text().split('made ').length - 1
  vi.spyOn(console, 'error').mockImplementation(line => { shown.push(`${tables()} ${String(line)}`) })
  view.warn('Refused: no room')
  expect(shown).toEqual(['1 Refused: no room'])
  expect(tables()).toBe(2)
  view.close()
  view.warn('Refused: no right')
  expect(shown[1]).toBe('2 Refused: no right')
  expect(tables()).toBe(2)
})

test('the time left of a study that goes on is told from the pace since, not from what came before', () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  const study = made(['minimize'])
  const first = study.ask()
  for (const step of [1, 2, 3, 4]) study.report(first.number, step, 0.5)
  study.tell(first.number, 0.5)
  const { number } = study.ask()
  const { output, last } = terminal()
  const view = studyView(output, {
    study, name: 'made', objectives: [error], budget: { trials: 100, epochs: 10 }, json: false,
  })
  vi.advanceTimersByTime(10_000)
  study.report(number, 1, 0.5)
  view.show({ kind: 'report', number, step: 1, value: 0.5 })
  view.close()
  // One epoch took ten seconds, and five are left.
  expect(last()).toMatch(/ 50s left/)
})

test('the estimate counts rounds of trials at once, and ends with the first budget that is spent', () => {
  const study = { trials: [] }
  const record = { repeats: 1, settings: { epochs: 10, steps: 0 }, pruner: 'none' }
  const cost = { seconds: 60, secondsBefore: 2, bytes: 3e6, flop: 1e9 }
  const estimate = (budget: Parameters<typeof estimateText>[1], jobs: number) =>
    estimateText({ study, record }, budget, jobs, cost, 'all')
  expect(estimate({ trials: 1 }, 4)).toBe('1 trial of about 1m 00s, 4 at once: about 1m 00s and 3 MB on disk.')
  expect(estimate({ trials: 9 }, 4)).toMatch(/: about 3m 00s and/)
  expect(estimate({ trials: 9, epochs: 20 }, 1)).toMatch(/: about 2m 00s and/)
  expect(estimate({ trials: 9, flop: 5e8 }, 1)).toMatch(/: about 30s and/)
  expect(estimate({ trials: 9, timeout: 90 }, 1)).toMatch(/: about 1m 30s and/)
})

test('a confirmation is judged in the direction of its metric, and calls only the best the best', () => {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => { lines.push(String(line)) })
  const seeds = [2, 3, 4, 5, 6, 7]
  const runs = (value: number) =>
    seeds.map(seed => ({ seed, run: `mlp/${seed}`, validation: value + seed / 1e4, test: value + seed / 1e4 }))
  const confirmation: Confirmation = {
    trial: 3, metric: 'accuracy', inStudy: 0.95, trials: 12, best: false, runs: runs(0.9), reference: runs(0.8),
  }
  printConfirmation(confirmation, { metrics: [parameters, accuracy], directions: ['minimize', 'maximize'] })
  const said = stripVTControlCharacters(lines.join('\n')).replaceAll(/\s+/g, ' ')
  expect(said).toMatch(/tuned settings are better than those before: p = 0\.031/)
  expect(said).toMatch(/one of 12; fresh seeds are worse by 4\.96 %\./)
  expect(said).not.toMatch(/the best of|winner's curse/)
  printConfirmation({ ...confirmation, best: true }, { metrics: [accuracy], directions: ['maximize'] })
  expect(lines.join('\n').replaceAll(/\s+/g, ' ')).toMatch(/the best of 12; fresh seeds are worse by .*winner's curse/)
})

test('a study that ends before its number of trials says what is spent', () => {
  const study = made(['minimize'])
  for (const value of [1, 2]) study.tell(study.ask().number, value)
  const why = (budget: Parameters<typeof whyText>[2], paused: readonly number[] = []) =>
    whyText({ reason: 'budget', paused }, study.trials, budget)
  expect(why({ trials: 2 })).toBe('')
  expect(why({ trials: 5, epochs: 2 })).toBe('The epochs are spent. ')
  expect(why({ trials: 2, flop: 1e9 }, [1])).toBe('The epochs or operations are spent. ')
  expect(whyText({ reason: 'timeout', paused: [] }, study.trials, { trials: 5 })).toBe('The time is over. ')
})
