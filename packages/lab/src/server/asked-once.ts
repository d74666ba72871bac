// What takes long to find out about a run or an experiment: found in a process of its own, once, and remembered.
import fs from 'node:fs'
import { callInChild } from '../jobs/process/call-in-child.ts'
import { checkpointFile } from '../runs/checkpoint.ts'
import { nameOfRun, outputsFile, runPaths, type RunFolder } from '../runs/node.ts'
import type { ShownFigure } from '../trained/shown-figure.ts'
import { dataStamp } from './data-stamp.ts'
import type { FiguresQuestion } from './figures-of.ts'
import { Gate } from './limits.ts'
import type { MistakesQuestion, RunMistakes } from './mistakes.ts'
import { SharedAnswers } from './shared-answers.ts'
import type { Section } from '../plots/report-parts.ts'
import type { DrawnGraph, GraphQuestion } from './graph-of.ts'
import type { ReportQuestion } from './run-report.ts'

/** Answers that stay in memory: those asked for last. */
const MOST_KEPT = 16

const changeOf = (file: string): string => {
  const found = fs.lstatSync(file, { throwIfNoEntry: false })
  return found?.isFile() === true ? `${found.ino} ${found.mtimeMs} ${found.size}` : '-'
}

/**
 * Asks processes of their own, one at a time: foreign pictures are read there, and what dies of them is not the lab.
 */
export class AskedOnce {
  readonly #gate = new Gate(1, 16, 'questions that take long')
  readonly #kept = new Map<string, Promise<unknown>>()
  readonly #stamps = new SharedAnswers()

  #ask<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key) as Promise<T> | undefined
    if (known) return known
    const answer = this.#gate.through(ask)
    this.#kept.set(key, answer)
    const oldest = this.#kept.size > MOST_KEPT ? this.#kept.keys().next().value : undefined
    if (oldest !== undefined) this.#kept.delete(oldest)
    // What failed may be asked again.
    answer.catch(() => this.#kept.delete(key))
    return answer
  }

  /**
   * What a run gets wrong; undefined where it keeps no outputs. It is found anew when these, or the data, have changed.
   * @param data where own data of the run lie
   * @throws UserError where its data cannot be read
   */
  async mistakes(question: MistakesQuestion, data: readonly string[]): Promise<RunMistakes | undefined> {
    const { run } = question
    const outputs = outputsFile(run)
    if (outputs === undefined) return undefined
    const change = changeOf(outputs)
    const stamp = await this.#stamps.ask(data.join('\0'), () => dataStamp(data))
    const key = `mistakes ${run.folder} ${change} ${changeOf(runPaths(run).record)} ${stamp}`
    const module = new URL('./mistakes.ts', import.meta.url)
    return this.#ask(key, () => callInChild<RunMistakes | undefined>(module, 'mistakesOf', question))
  }

  /**
   * What the task of a run has to show; found anew when its weights, or the data, have changed.
   * @param data where own data of the run lie
   * @throws UserError where its model or its data cannot be read
   */
  async figures(question: FiguresQuestion, run: RunFolder, data: readonly string[]): Promise<ShownFigure[]> {
    const stamp = await this.#stamps.ask(data.join('\0'), () => dataStamp(data))
    const change = changeOf(checkpointFile(runPaths(run).checkpoints, 'last'))
    const module = new URL('./figures-of.ts', import.meta.url)
    return this.#ask(`figures ${run.folder} ${change} ${stamp}`, () =>
      callInChild<ShownFigure[]>(module, 'figuresOf', question),
    )
  }

  /**
   * The sections of a run's report. It is found anew when the run's checkpoint or its data have changed.
   * @throws UserError where its model or its data cannot be read
   */
  async report(
    question: Omit<ReportQuestion, 'run'>,
    run: RunFolder,
    data: readonly string[],
  ): Promise<readonly Section[]> {
    const stamp = await this.#stamps.ask(data.join('\0'), () => dataStamp(data))
    const change = `${changeOf(checkpointFile(runPaths(run).checkpoints, 'last'))} ${stamp}`
    const asked: ReportQuestion = { ...question, run: nameOfRun(run) }
    return this.#ask(`report ${run.folder} ${change}`, () =>
      callInChild<readonly Section[]>(new URL('./run-report.ts', import.meta.url), 'reportOf', asked),
    )
  }

  /** The graph of an experiment's training step. @throws UserError where its model cannot be built */
  graph(question: GraphQuestion): Promise<DrawnGraph> {
    return this.#ask(`graph ${JSON.stringify(question)}`, () =>
      callInChild<DrawnGraph>(new URL('./graph-of.ts', import.meta.url), 'graphOf', question),
    )
  }
}
