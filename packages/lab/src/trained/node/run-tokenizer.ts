// The tokenizer of a run: the one that it keeps, or for runs made before they kept one, that of its experiment.
import { tokenizerFromJson, type Tokenizer } from '@ddlf/data/tokenizers'
import { UserError } from '@ddlf/tensor/errors'
import type { DataIo } from '../../data-source/data-source.ts'
import { keptArtifact } from '../../data-source/node/run-artifacts.ts'
import { tokenizerArtifact } from '../../data-source/text-stream.ts'
import type { TrainedRun } from './trained-run.ts'

/** What must be known of the run. */
export type RunWithTokenizer = Pick<TrainedRun, 'name' | 'run' | 'record' | 'experiment' | 'settings'>

const noTokenizer = (name: string, task: string) =>
  new UserError({
    rule: 'Text is read with the tokenizer that a run keeps.',
    received: `${name}, whose task is ${task}, without ${tokenizerArtifact}`,
    next: 'Use a run of a language model; one that was made before runs kept it is trained again.',
  })

/**
 * The content of the run's tokenizer.json.
 * @throws UserError where the run has no tokenizer, or it was changed
 */
export async function runTokenizerJson(of: RunWithTokenizer): Promise<string> {
  const { name, experiment, settings } = of
  const kept = keptArtifact(of, tokenizerArtifact)
  if (kept !== undefined) return kept
  const refuse = () => {
    throw noTokenizer(name, experiment.task.name)
  }
  let made: string | undefined
  // Of an alphabet that the experiment states it is made without any data.
  const io: DataIo = {
    shared: false,
    dataset: refuse,
    texts: refuse,
    async artifact(file, make) {
      const content = await make()
      // Other tasks keep other things of their texts.
      if (file === tokenizerArtifact) made = content
      return content
    },
  }
  await experiment.data.settle?.(settings, io)
  return made ?? refuse()
}

/** The run's tokenizer. @throws UserError as {@link runTokenizerJson} */
export const runTokenizer = async (of: RunWithTokenizer): Promise<Tokenizer> =>
  tokenizerFromJson(await runTokenizerJson(of), `The tokenizer of ${of.name}`)
