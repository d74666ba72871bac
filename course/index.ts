// The 30 days in order, and every experiment that can be run.
import { ownDataExperiments } from '@ddlf/lab/experiments'
import type { Topic } from './topic.ts'
import { mlpOnMnistTopic } from './topics/01-mlp-on-mnist/topic.ts'
import { introLevelCnnTopic } from './topics/02-intro-level-cnn/topic.ts'
import { deeperInCnnTopic } from './topics/03-deeper-in-cnn/topic.ts'
import { wordsAsVectorsTopic } from './topics/04-words-as-vectors/topic.ts'
import { textClassificationTopic } from './topics/05-text-classification/topic.ts'
import { recurrentLanguageModelsTopic } from './topics/06-recurrent-language-models/topic.ts'
import { seq2seqAndAttentionTopic } from './topics/07-seq2seq-and-attention/topic.ts'
import { transformerAndGptTopic } from './topics/08-transformer-and-gpt/topic.ts'
import { autoencodersAndVaeTopic } from './topics/10-autoencoders-and-vae/topic.ts'
import { ganTopic } from './topics/11-gan/topic.ts'

export type { Exercise } from './exercise.ts'
export type { PublishedClaim, PublishedRow, Topic } from './topic.ts'

const planned = (
  slug: string, title: string, days: readonly [number, number], datasets: readonly string[], models: string,
  permalink = slug,
): Topic =>
  ({ slug, title, days, permalink: `/30ddlf/${permalink}`, datasets, models, experiments: [] })

// `ddlf new` puts a topic into the line of its plan.
/** All topics, in the order of the days. */
export const topics: readonly Topic[] = [
  mlpOnMnistTopic,
  introLevelCnnTopic,
  deeperInCnnTopic,
  wordsAsVectorsTopic,
  textClassificationTopic,
  recurrentLanguageModelsTopic,
  seq2seqAndAttentionTopic,
  transformerAndGptTopic,
  planned(
    'vision-transformer',
    'Vision transformer',
    [21, 22],
    ['CIFAR-10', 'Fashion-MNIST'],
    'patch MLP, ViT, compact convolutional transformer',
  ),
  autoencodersAndVaeTopic,
  ganTopic,
  planned(
    'diffusion-and-flow',
    'Diffusion and flow matching',
    [27, 28],
    ['MNIST', 'Fashion-MNIST'],
    'DDPM, DDIM, flow matching',
  ),
  planned(
    'pretrain-finetune-scale',
    'Pre-train, fine-tune, scale',
    [29, 30],
    ['SOTU', 'tiny Shakespeare', 'CIFAR-10'],
    'self-supervision, transfer, LoRA, scaling laws',
  ),
]

/** Every experiment of every topic, and those on the user's own data. */
export const experiments = [...topics.flatMap(topic => topic.experiments), ...ownDataExperiments]
