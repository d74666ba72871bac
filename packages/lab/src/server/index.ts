// @ddlf/lab/server: the local lab, which serves the course's pages together with the runs on this machine.
export { createLab, type Lab, type LabOptions } from './create-lab.ts'
export { serveLab, type ServedLab } from './serve-lab.ts'

// What the lab's pages are told.
export type { ComparedGroup, ComparisonProgress, LabComparison } from './compare-in-lab.ts'
export type { DrawnGraph } from './graph-of.ts'
export type { ClassMistakes, NumberMistakes, RunMistake, RunMistakes } from './mistakes.ts'
export type { RunDetail, RunSetting } from './run-detail.ts'
export type { ShownFigure } from '../trained/shown-figure.ts'
export type { RunLine, RunRow, RunsFound } from './run-list.ts'
export type { RunOutcome } from './run-outcome.ts'
export type { RunSpark } from './run-spark.ts'
export type { RunNotes } from '../runs/run-notes.ts'
export type { Section as ReportSection } from '../plots/report-parts.ts'
export type { ExperimentForm, SettingField } from './settings-form.ts'
export type { StudyStart } from './study-start.ts'
export type { StudyDetail, StudyLine, StudyStanding, TrialLine } from './study-index.ts'
export type { TextLine } from './write-text.ts'
