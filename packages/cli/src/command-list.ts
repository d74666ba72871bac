// The commands in the order of the help. Each is loaded when it is needed: the list itself needs none of them.
import type { Command } from 'commander'

/** What the list of commands says of one, and where the rest of it is. */
export interface Listed {
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<Command>
}

const listed = (usage: string, summary: string, load: () => Promise<Command>): Listed => ({ usage, summary, load })

/** The commands by name. */
export const commandList: ReadonlyMap<string, Listed> = new Map([
  [
    'train',
    listed('<experiment>', 'train an experiment and keep it as a run', async () =>
      (await import('./commands/train.ts')).trainCommand(),
    ),
  ],
  [
    'tune',
    listed('<experiment or file>', 'find better settings, trial by trial', async () =>
      (await import('./commands/tune.ts')).tuneCommand(),
    ),
  ],
  [
    'tune-rate',
    listed('<experiment>', 'find which learning rates lower the loss', async () =>
      (await import('./commands/tune-rate.ts')).tuneRateCommand(),
    ),
  ],
  [
    'study',
    listed('<verb>', 'look at studies: trials, the best, importance', async () =>
      (await import('./commands/study.ts')).studyCommand(),
    ),
  ],
  [
    'worker',
    listed('', 'work for studies of other machines', async () =>
      (await import('./commands/worker.ts')).workerCommand(),
    ),
  ],
  ['queue', listed('', 'how a queue of work stands', async () => (await import('./commands/queue.ts')).queueCommand())],
  [
    'resume',
    listed('<run>', 'go on with a run that was stopped or killed', async () =>
      (await import('./commands/resume.ts')).resumeCommand(),
    ),
  ],
  [
    'runs',
    listed('[experiment]', 'list runs, newest first', async () => (await import('./commands/runs.ts')).runsCommand()),
  ],
  [
    'show',
    listed('<run or experiment>', 'show a run, or an experiment and its settings', async () =>
      (await import('./commands/show.ts')).showCommand(),
    ),
  ],
  [
    'analyze',
    listed('<run>', 'write a report about a trained run, as one page', async () =>
      (await import('./commands/analyze.ts')).analyzeCommand(),
    ),
  ],
  [
    'compare',
    listed('<runs...>', 'put runs side by side: settings, curves, intervals', async () =>
      (await import('./commands/compare.ts')).compareCommand(),
    ),
  ],
  [
    'evaluate',
    listed('<run>', "judge a run's model on a split of its data", async () =>
      (await import('./commands/evaluate.ts')).evaluateCommand(),
    ),
  ],
  [
    'predict',
    listed('<run> <input...>', 'ask a trained model about pictures or texts', async () =>
      (await import('./commands/predict.ts')).predictCommand(),
    ),
  ],
  [
    'sample',
    listed('<run>', 'let a trained language model go on with a text', async () =>
      (await import('./commands/sample.ts')).sampleCommand(),
    ),
  ],
  [
    'export',
    listed('<run>', "write a run's model as ONNX or safetensors", async () =>
      (await import('./commands/export.ts')).exportCommand(),
    ),
  ],
  [
    'import',
    listed('<experiment> <file>', "make a run of another tool's weights", async () =>
      (await import('./commands/import.ts')).importCommand(),
    ),
  ],
  ['rm', listed('[runs...]', 'move runs to the trash', async () => (await import('./commands/rm.ts')).rmCommand())],
  [
    'verify',
    listed('[runs...]', 'check that runs hold what they recorded', async () =>
      (await import('./commands/verify.ts')).verifyCommand(),
    ),
  ],
  [
    'days',
    listed('', 'list the 30 days and what can be run', async () => (await import('./commands/days.ts')).daysCommand()),
  ],
  [
    'graph',
    listed('<experiment or run>', 'print the graph of a training step, or write it', async () =>
      (await import('./commands/graph.ts')).graphCommand(),
    ),
  ],
  [
    'data',
    listed('<verb>', 'list, fetch, check, look at and remove data sets', async () =>
      (await import('./commands/data.ts')).dataCommand(),
    ),
  ],
  [
    'tokenizer',
    listed('<verb>', 'learn a tokenizer, encode, decode, look at tokens', async () =>
      (await import('./commands/tokenizer.ts')).tokenizerCommand(),
    ),
  ],
  [
    'doctor',
    listed('', 'look this installation over', async () => (await import('./commands/doctor.ts')).doctorCommand()),
  ],
  [
    'exercise',
    listed('[name]', 'work on an exercise, or list them', async () =>
      (await import('./commands/exercise.ts')).exerciseCommand(),
    ),
  ],
  [
    'new',
    listed('<slug>', 'lay out the files of a new topic', async () => (await import('./commands/new.ts')).newCommand()),
  ],
  [
    'reproduce',
    listed('<topic>', 'run a topic again and compare with the record', async () =>
      (await import('./commands/reproduce.ts')).reproduceCommand(),
    ),
  ],
  [
    'lab',
    listed('', "the course's pages and your runs in the browser", async () =>
      (await import('./commands/lab.ts')).labCommand(),
    ),
  ],
  [
    'record',
    listed('<experiment>', 'turn runs into the results that a memo reads', async () =>
      (await import('./commands/record.ts')).recordCommand(),
    ),
  ],
  [
    'site',
    listed('', 'build the course as static pages', async () => (await import('./commands/site.ts')).siteCommand()),
  ],
])
