// The look-up table of vectors.
import { checkOptions, gather, type Tensor } from '@ddlf/tensor'
import { newParameter, normal, type Initializer } from '../init.ts'
import { requirePositiveInteger } from './requirements.ts'

/** Picks row i of a table for each index i: int32 [...] to float32 [..., embeddingDim]. */
export class Embedding {
  readonly weight: Tensor

  /** @param options `init` defaults to PyTorch's, normal with mean 0 and standard deviation 1 */
  constructor(readonly numEmbeddings: number, readonly embeddingDim: number, options: { readonly init?: Initializer } = {}) {
    const { init = normal() } = checkOptions('Embedding', options, ['init'])
    requirePositiveInteger('Embedding', 'numEmbeddings', numEmbeddings)
    requirePositiveInteger('Embedding', 'embeddingDim', embeddingDim)
    this.weight = newParameter([numEmbeddings, embeddingDim], init)
  }

  forward(indices: Tensor): Tensor {
    return gather(this.weight, indices)
  }
}
