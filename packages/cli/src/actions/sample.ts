// ddlf sample <run>: a trained language model goes on with a text.
import { inputOf } from '@ddlf/lab'
import { openTrainedRun } from '@ddlf/lab/node'
import { evaluationStep } from '@ddlf/nn'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { experiments } from '../experiments.ts'

/** The options of the command. */
export interface SampleOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly prompt: string
  readonly length: number
  readonly temperature: string
  readonly seed: number
  readonly json?: boolean
}

/** Does what `ddlf sample` is asked for. */
export async function sampleAction(
  reference: string,
  { runs, checkpoint, prompt, length, temperature: written, seed, json = false }: SampleOptions,
): Promise<void> {
  const temperature = Number(written)
  if (written.trim() === '' || !(temperature >= 0 && temperature < Infinity)) {
    throw new UserError({
      rule: '--temperature takes a number of at least 0.',
      received: written === '' ? 'an empty text' : written,
    })
  }
  const { experiment, settings, model, name } = openTrainedRun(experiments, runs, reference, checkpoint)
  const sample = experiment.task.views?.sample
  if (!sample) {
    throw new UserError({
      rule: 'Only a language model goes on with a text.',
      received: `${name}, whose task is ${experiment.task.name}`,
      next: 'Ask it with: npm run ddlf -- predict',
    })
  }
  const { dtype, shape } = inputOf(experiment, settings)
  const forward = evaluationStep({
    model,
    compute: (_, { input }) => experiment.task.outputs(model, input, settings),
    batch: { input: { shape: [1, ...shape], dtype } },
    runtime: onnxNodeRuntime(),
    name: 'sample',
  })
  try {
    const outputsOf = async (input: Int32Array) =>
      Object.fromEntries(
        Object.entries(await forward(input)).map(([output, value]) => [
          output,
          { data: value.data as Float32Array, shape: value.shape },
        ]),
      )
    let text = ''
    if (!json) process.stdout.write(prompt)
    for await (const piece of sample(outputsOf, settings, { prompt, length, temperature, seed })) {
      text += piece
      if (!json) process.stdout.write(piece)
    }
    console.log(json ? JSON.stringify({ run: name, checkpoint, prompt, temperature, seed, text }) : '')
  } finally {
    await forward.release()
  }
}
