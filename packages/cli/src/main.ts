// The `ddlf` command: reads the arguments, runs one command, and turns mistakes into messages.
import { UserError } from '@ddlf/tensor'
import { Command } from 'commander'
import pc from 'picocolors'
import { analyzeCommand } from './commands/analyze.ts'
import { compareCommand } from './commands/compare.ts'
import { dataCommand } from './commands/data.ts'
import { daysCommand } from './commands/days.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { exportCommand } from './commands/export.ts'
import { graphCommand } from './commands/graph.ts'
import { labCommand } from './commands/lab.ts'
import { recordCommand } from './commands/record.ts'
import { importCommand } from './commands/import.ts'
import { predictCommand } from './commands/predict.ts'
import { exerciseCommand } from './commands/exercise.ts'
import { newCommand } from './commands/new.ts'
import { reproduceCommand } from './commands/reproduce.ts'
import { resumeCommand } from './commands/resume.ts'
import { rmCommand } from './commands/rm.ts'
import { runsCommand } from './commands/runs.ts'
import { showCommand } from './commands/show.ts'
import { siteCommand } from './commands/site.ts'
import { trainCommand } from './commands/train.ts'

const EXAMPLES = `
Examples:
  $ npm run ddlf days                                      what can be run, day by day
  $ npm run ddlf train mlp-on-mnist                        train Day 1's perceptron
  $ npm run ddlf -- train mlp-on-mnist --set hidden=800    with other settings
  $ npm run ddlf runs                                      what has been run
  $ npm run ddlf show <run>                                one run's settings, results and curves
`

/** Builds the command line. */
export function program(): Command {
  return new Command('ddlf')
    .description('30 days of deep learning fundamentals: train, look, compare, understand.')
    .showHelpAfterError("(add --help for what is allowed)")
    .addHelpText('after', EXAMPLES)
    .addCommand(trainCommand())
    .addCommand(resumeCommand())
    .addCommand(runsCommand())
    .addCommand(showCommand())
    .addCommand(analyzeCommand())
    .addCommand(compareCommand())
    .addCommand(evaluateCommand())
    .addCommand(predictCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(rmCommand())
    .addCommand(daysCommand())
    .addCommand(graphCommand())
    .addCommand(dataCommand())
    .addCommand(doctorCommand())
    .addCommand(labCommand())
    .addCommand(recordCommand())
    .addCommand(siteCommand())
    .addCommand(exerciseCommand())
    .addCommand(newCommand())
    .addCommand(reproduceCommand())
}

/** Runs the command line; a user's mistake is printed without a stack and exits with 1. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  let closed = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (closed) return
    closed = true
    // A closed pipe (`ddlf runs | head`) is not an error; a training under way saves a checkpoint and stops.
    if (!process.emit('SIGINT')) process.exit(0)
  })
  try {
    await program().parseAsync([...argv])
  } catch (error) {
    process.exitCode = 1
    if (error instanceof UserError) console.error(`${pc.red('Error:')} ${error.message}`)
    else throw error
  }
}
