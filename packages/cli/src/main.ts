// The `ddlf` command: reads the arguments, runs one command, and turns mistakes into messages.
import '@ddlf/tensor/no-telemetry'
import { UserError } from '@ddlf/tensor'
import { Command } from 'commander'
import pc from 'picocolors'

const EXAMPLES = `
Examples:
  $ npm run ddlf days                                      what can be run, day by day
  $ npm run ddlf train mlp-on-mnist                        train Day 1's perceptron
  $ npm run ddlf -- train mlp-on-mnist --set hidden=800    with other settings
  $ npm run ddlf runs                                      what has been run
  $ npm run ddlf show <run>                                one run's settings, results and curves
`

/** The commands in the order of the help, each loaded when it is needed: most runs need one. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  train: async () => (await import('./commands/train.ts')).trainCommand(),
  resume: async () => (await import('./commands/resume.ts')).resumeCommand(),
  runs: async () => (await import('./commands/runs.ts')).runsCommand(),
  show: async () => (await import('./commands/show.ts')).showCommand(),
  analyze: async () => (await import('./commands/analyze.ts')).analyzeCommand(),
  compare: async () => (await import('./commands/compare.ts')).compareCommand(),
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
  predict: async () => (await import('./commands/predict.ts')).predictCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  import: async () => (await import('./commands/import.ts')).importCommand(),
  rm: async () => (await import('./commands/rm.ts')).rmCommand(),
  days: async () => (await import('./commands/days.ts')).daysCommand(),
  graph: async () => (await import('./commands/graph.ts')).graphCommand(),
  data: async () => (await import('./commands/data.ts')).dataCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  exercise: async () => (await import('./commands/exercise.ts')).exerciseCommand(),
  new: async () => (await import('./commands/new.ts')).newCommand(),
  reproduce: async () => (await import('./commands/reproduce.ts')).reproduceCommand(),
  lab: async () => (await import('./commands/lab.ts')).labCommand(),
  record: async () => (await import('./commands/record.ts')).recordCommand(),
  site: async () => (await import('./commands/site.ts')).siteCommand(),
}

/** npm takes options for its own unless they stand behind `--`; what is left then looks like one argument too many. */
const hintAt = (mistake: string) =>
  mistake.includes('too many arguments') && process.env['npm_lifecycle_event'] === 'ddlf' ? 'npm keeps options that do not stand behind --: npm run ddlf -- <command> --option value\n' : ''

/** A file of the course that does not compile, as a mistake of its author: the first place and what is wrong there. */
function mistakeOfSyntax(error: unknown): UserError | undefined {
  const place = error instanceof Error ? /^Transform failed[^\n]*\n([^\n]+)/.exec(error.message)?.[1] : undefined
  return place === undefined ? undefined : new UserError({ rule: 'A source file does not compile.', received: place.replace(`${process.cwd()}/`, ''), next: 'Mend this line and run the command again.' })
}

/** Builds the command line, with one command or with all of them. */
export async function program(only?: string): Promise<Command> {
  const wanted = only === undefined ? Object.values(commands) : [commands[only] ?? []].flat()
  const root = new Command('ddlf')
    .description('30 days of deep learning fundamentals: train, look, compare, understand.')
    .showHelpAfterError('(add --help for what is allowed)')
    .addHelpText('after', EXAMPLES)
    .configureOutput({ outputError: (text, write) => { write(text + hintAt(text)) } })
  for (const load of wanted) root.addCommand((await load()).copyInheritedSettings(root))
  return root
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
    const name = argv[2]
    const root = await program(name !== undefined && name in commands ? name : undefined)
    await root.parseAsync([...argv])
  } catch (error) {
    process.exitCode = 1
    const mistake = error instanceof UserError ? error : mistakeOfSyntax(error)
    if (!mistake) throw error
    console.error(`${pc.red('Error:')} ${mistake.message}`)
  }
}
