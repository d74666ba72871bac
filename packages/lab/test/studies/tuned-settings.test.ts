// Which settings a study may tune: those of the model and its training, none that decides what trials are judged on.
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, it } from 'vitest'
import {
  classification,
  experiment,
  imageFolder,
  parseSettings,
  publishedFolds,
  publishedTexts,
  tabular,
  textSettings,
  textTable,
  trainingSettings,
  type Experiment,
} from '../../src/index.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { parseSpace } from '../../src/studies/space/space-text.ts'
import { checkSpaceOf } from '../../src/studies/trial-settings.ts'

const described = { title: '?', question: '?', task: classification(), model: () => { throw new Error('not built') } }
const onTexts = experiment({
  ...described,
  name: 'on-texts',
  data: publishedTexts(),
  config: trainingSettings.extend(textSettings),
})
const onFolds = experiment({
  ...described,
  name: 'on-folds',
  data: publishedFolds('made'),
  config: trainingSettings.extend({ fold: trainingSettings.shape.seed, splitSeed: trainingSettings.shape.seed }),
})
const letters = experiments.find(({ name }) => name === 'letters') as Experiment

const check = (one: Experiment, ...ranges: string[]) => () => {
  checkSpaceOf(one, { ...parseSettings(one) }, parseSpace(ranges))
}

describe('a study', () => {
  it.each([
    [textTable, ['splitSeed=int:0..5', 'testShare=float:0.1..0.5', 'label=choice:a,b', 'testData=choice:a.csv,b.csv']],
    [tabular, ['target=choice:species,a', 'kind=choice:auto,regression', 'encoding=choice:a', 'data=choice:a']],
    [imageFolder, ['skipDamaged=choice:true,false', 'splitSeed=int:0..5', 'classes=choice:a,b']],
    [onTexts, ['texts=choice:mr,sst2', 'fold=int:0..9', 'vocabulary=int:1..9']],
    [onFolds, ['fold=int:0..9', 'splitSeed=int:0..5']],
    [letters, ['tokenizer=choice:words,bpe', 'vocabularySize=int:300..900', 'testShare=float:0.1..0.5']],
    [textTable, ['seed=int:0..5', 'validation=float:0..0.5', 'evaluateTest=choice:true,false']],
  ])('of $name tunes nothing that decides what its trials are judged on', (one, ranges) => {
    for (const range of ranges) expect(check(one, range)).toThrow(/is no parameter of a study/)
  })

  it.each([
    [textTable, ['ngrams=int:1..3', 'buckets=int:50..500', 'learningRate=log:1e-3..1']],
    [tabular, ['maxCategories=int:5..50', 'features=choice:a', 'batchSize=choice:8,16']],
    [imageFolder, ['size=choice:16,32', 'grey=choice:true,false', 'width=int:4..8']],
    [onTexts, ['vocabularySize=choice:100,1000', 'ngrams=int:1..3']],
    [letters, ['blockSize=choice:8,16', 'epochs=int:1..3']],
  ])('of $name tunes how an example is given to the model, and how that is trained', (one, ranges) => {
    expect(check(one, ...ranges)).not.toThrow()
  })

  it.each(['constructor', '__proto__', 'toString'])('has no setting %s, as any other that is none', name => {
    expect(check(textTable, `${name}=float:0..1`)).toThrow(UserError)
    const said = /has no setting of this name[^]*(Did you mean|The settings are)/
    expect(check(textTable, `${name}=float:0..1`)).toThrow(said)
  })
})
