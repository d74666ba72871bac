// @ddlf/lab/server: the local lab, which serves the course's pages together with the runs on this machine.
export { createLab, type Lab, type LabOptions } from './create-lab.ts'
export { serveLab, type ServedLab } from './serve-lab.ts'

// What the lab's pages are told.
export type { ComparisonProgress, LabComparison } from './compare-in-lab.ts'
export type { DrawnGraph } from './graph-of.ts'
export type { ClassMistakes, NumberMistakes, RunMistake, RunMistakes } from './mistakes.ts'
export type { RunDetail, RunSetting } from './run-detail.ts'
export type { RunLine } from './run-list.ts'
export type { ShownFigure } from '../trained/shown-figure.ts'
export type { ExperimentForm, SettingField } from './settings-form.ts'
export type { StudyStart } from './studies.ts'
export type { StudyDetail, StudyLine, StudyStanding, TrialLine } from './study-index.ts'
export type { TextLine } from './write-text.ts'
