// The words of ddlf study: its verbs, arguments, options and help.
import { Command, Option } from 'commander'
import type { StudyExportOptions, StudyOptions, StudyReportOptions, StudyShowOptions } from '../actions/study.ts'
import { forceOption, jsonOption, outOption, studiesOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf study list
  $ ddlf study show mlp-on-mnist --limit 10
  $ ddlf study best mlp-on-mnist
  $ ddlf study importance mlp-on-mnist
  $ ddlf study report mlp-on-mnist               all figures and trials, as one page
  $ ddlf study export mlp-on-mnist --format csv --out trials.csv

A study is the file studies/<name>/journal.jsonl in Optuna's format: Optuna and optuna-dashboard open it. It has the
name of its folder. Where Optuna keeps several in one journal, <name>/<study> names one of them.
In JSON a value that is no finite number is a text: "Infinity".
`

function listCommand(): Command {
  return new Command('list')
    .description('list studies')
    .addOption(studiesOption())
    .addOption(jsonOption())
    .action(async (options: StudyOptions) => (await import('../actions/study.ts')).listAction(options))
}

function showCommand(): Command {
  return new Command('show')
    .description('show a study: its ranges and its trials, best first')
    .argument('<study>')
    .option('--limit <number>', 'show at most so many trials', wholeNumber('--limit', 1), 20)
    .addOption(new Option('--sort <by>', 'best first, or by number').choices(['best', 'number']).default('best'))
    .addOption(studiesOption())
    .addOption(jsonOption())
    .action(async (name: string, options: StudyShowOptions) =>
      (await import('../actions/study.ts')).showAction(name, options),
    )
}

function bestCommand(): Command {
  return new Command('best')
    .description('the best trial, or the front of several objectives, and how to train it')
    .argument('<study>')
    .addOption(studiesOption())
    .addOption(jsonOption())
    .action(async (name: string, options: StudyOptions) =>
      (await import('../actions/study.ts')).bestAction(name, options),
    )
}

function importanceCommand(): Command {
  return new Command('importance')
    .description('how much each parameter decides, by PED-ANOVA and by fANOVA')
    .argument('<study>')
    .addOption(studiesOption())
    .addOption(jsonOption())
    .action(async (name: string, options: StudyOptions) =>
      (await import('../actions/study.ts')).importanceAction(name, options),
    )
}

function reportCommand(): Command {
  return new Command('report')
    .description('write a page about a study: all figures, all trials')
    .argument('<study>')
    .addOption(outOption("file to write (default: report.html in the study's folder)"))
    .addOption(forceOption())
    .addOption(studiesOption())
    .action(async (name: string, options: StudyReportOptions) =>
      (await import('../actions/study.ts')).reportAction(name, options),
    )
}

function recordCommand(): Command {
  return new Command('record')
    .description('write a study of a course experiment beside its results, for a memo')
    .argument('<study>')
    .addOption(studiesOption())
    .action(async (name: string, options: StudyOptions) =>
      (await import('../actions/study.ts')).recordAction(name, options),
    )
}

function exportCommand(): Command {
  return new Command('export')
    .description('write all trials as CSV or JSON')
    .argument('<study>')
    .addOption(new Option('--format <format>', 'csv or json').choices(['csv', 'json']).default('csv'))
    .addOption(outOption('file to write (default: standard output)'))
    .addOption(forceOption())
    .addOption(studiesOption())
    .action(async (name: string, options: StudyExportOptions) =>
      (await import('../actions/study.ts')).exportAction(name, options),
    )
}

export function studyCommand(): Command {
  const command = new Command('study').description('look at studies').addHelpText('after', EXAMPLES)
  for (const verb of [
    listCommand(),
    showCommand(),
    bestCommand(),
    importanceCommand(),
    reportCommand(),
    exportCommand(),
    recordCommand(),
  ])
    command.addCommand(verb)
  return command
}
