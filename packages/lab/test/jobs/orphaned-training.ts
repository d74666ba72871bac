// A program that starts a training, prints its folder, and waits to be killed: `orphaned-training.ts <job as JSON>`.
import { processExecutor, type TrainingJob } from '@ddlf/lab/node'

const training = processExecutor().start(JSON.parse(process.argv[2] ?? '{}') as TrainingJob)
console.log(await training.folder)
setInterval(() => undefined, 1000)
