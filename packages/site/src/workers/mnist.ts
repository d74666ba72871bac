// MNIST in the page: fetched once with progress, kept by the browser, unpacked in the worker.
import { datasetCard, idxFileNames, readIdxDataset, type Dataset } from '@ddlf/data'
import { readAll, unpack } from './bytes.ts'

const CACHE = 'mnist-1'

async function fetchKept(address: string): Promise<Response> {
  // Absent where the page is neither on the loopback address nor served over TLS.
  const cache = 'caches' in globalThis ? await caches.open(CACHE) : undefined
  const kept = await cache?.match(address)
  if (kept) return kept
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`)
  if (cache) await cache.put(address, response.clone())
  return response
}

/** Both splits. @param folder address of the folder that holds the packed files */
export async function fetchMnist(
  folder: string,
  onProgress: (loaded: number, total: number) => void,
): Promise<{ train: Dataset; test: Dataset }> {
  const names = [
    idxFileNames.train.images,
    idxFileNames.train.labels,
    idxFileNames.test.images,
    idxFileNames.test.labels,
  ]
  const responses = await Promise.all(names.map(name => fetchKept(`${folder}${name}.packed`)))
  const total = responses.reduce((sum, response) => sum + Number(response.headers.get('content-length') ?? 0), 0)
  let loaded = 0
  const files = await Promise.all(
    responses.map(async response => unpack(await readAll(response, count => onProgress((loaded += count), total)))),
  )
  const [trainImages, trainLabels, testImages, testLabels] = files as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const classes = datasetCard('mnist').classes ?? []
  return {
    train: readIdxDataset('mnist/train', trainImages, trainLabels, classes),
    test: readIdxDataset('mnist/test', testImages, testLabels, classes),
  }
}
