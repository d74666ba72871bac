// Pictures as people have them, by commands: mixed formats, sizes and folders; what is left out is said, damage is
// listed at once.
import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { ddlf, eventsOf, workFolder } from './command.ts'

const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
const pictures = path.join(folder, 'pictures')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A 24-bit bitmap of one colour. */
function bitmap(width: number, height: number, [r, g, b]: readonly [number, number, number]): Buffer {
  const row = 4 * Math.ceil((3 * width) / 4)
  const file = Buffer.alloc(54 + row * height)
  file.write('BM', 0, 'latin1')
  file.writeUInt32LE(54, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) file.set([b, g, r], 54 + y * row + 3 * x)
  return file
}

/**
 * Writes pictures of one colour, in turn PNG, JPEG, WebP, GIF, BMP and a JPEG lying on its side, of various sizes and
 * in subfolders.
 */
async function writeColours(root: string, perClass: number): Promise<void> {
  const classes = { red: [220, 40, 40], green: [40, 200, 60], blue: [50, 60, 220] } as const
  for (const [name, [r, g, b]] of Object.entries(classes)) {
    for (let k = 0; k < perClass; k++) {
      const [width, height] = [20 + ((7 * k) % 50), 20 + ((11 * k) % 40)]
      const shade = (level: number) => Math.max(0, Math.min(255, level + ((17 * k) % 41) - 20))
      const colour = { r: shade(r), g: shade(g), b: shade(b) }
      const image = () => sharp({ create: { width, height, channels: 3, background: colour } })
      const forms = [
        ['png', () => image().png().toBuffer()],
        ['JPG', () => image().jpeg().toBuffer()],
        ['webp', () => image().webp().toBuffer()],
        ['gif', () => image().gif().toBuffer()],
        ['bmp', () => Promise.resolve(bitmap(width, height, [colour.r, colour.g, colour.b]))],
        ['jpeg', () => image().withMetadata({ orientation: 6 }).jpeg().toBuffer()],
      ] as const
      const [ending, make] = forms[k % forms.length]!
      const file = path.join(root, name, k % 3 === 0 ? 'more' : '', `${k}.${ending}`)
      fs.mkdirSync(path.dirname(file), { recursive: true })
      fs.writeFileSync(file, await make())
    }
  }
}

const train = (...further: string[]) =>
  ddlf(
    'train',
    'image-folder',
    '--data',
    pictures,
    '--set',
    'size=16',
    '--set',
    'epochs=6',
    '--set',
    'learningRate=0.01',
    ...further,
    '--json',
    '--runs',
    runs,
  )

describe('a folder of pictures of every kind, with a validation part', () => {
  test(
    'damage is listed at once, or left out and said; the validation part chooses the best checkpoint; predictions fit',
    async () => {
      await writeColours(path.join(pictures, 'Train'), 24)
      await writeColours(path.join(pictures, 'val'), 6)
      await writeColours(path.join(pictures, 'test'), 6)
      const whole = fs.readFileSync(path.join(pictures, 'Train/red/more/0.png'))
      fs.writeFileSync(path.join(pictures, 'Train/red/cut.png'), whole.subarray(0, 60))
      fs.writeFileSync(path.join(pictures, 'test/blue/empty.jpg'), '')
      fs.writeFileSync(path.join(pictures, 'notes.txt'), 'words')
      const refused = await train()
      expect(refused.code).toBe(1)
      expect(refused.stderr).toMatch(
        /every picture must be sound[^]*2 damaged\s+Train\/red\/cut\.png: cut off[^]*test\/blue\/empty\.jpg: an empty file[^]*--skip-damaged/,
      )
      const trained = await train('--skip-damaged')
      expect({ code: trained.code, stderr: trained.stderr }).toEqual({ code: 0, stderr: '' })
      const events = eventsOf(trained)
      const start = events.find(({ kind }) => kind === 'start')
      expect(start).toMatchObject({ trainExamples: 72, splits: ['train', 'validation', 'test'] })
      const run = String(start?.['run'])
      const [shown, strict, evaluated, predicted, analysed] = await Promise.all([
        ddlf(
          'data',
          'show',
          pictures,
          '--split',
          'all',
          '--skip-damaged',
          '--fit',
          'pad',
          '--output',
          path.join(folder, 'sheet.svg'),
        ),
        ddlf('data', 'show', pictures, '--split', 'val', '--strict', '--output', path.join(folder, 'never.svg')),
        ddlf('evaluate', run, '--split', 'validation', '--json', '--runs', runs),
        ddlf('predict', run, path.join(pictures, 'test/green/5.jpeg'), '--json', '--runs', runs),
        ddlf('analyze', run, '--runs', runs),
      ])
      expect({ ...shown, stdout: '' }).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
      expect(shown).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(
          /108 examples[^]*108 pictures used, 3 left out: 1 beside the parts \(notes\.txt\), 2 damaged \(Train\/red\/cut\.png, test\/blue\/empty\.jpg\)/,
        ) as string,
      })
      expect(strict).toMatchObject({ code: 1, stderr: expect.stringMatching(/with --strict[^]*notes\.txt/) as string })
      expect(fs.existsSync(path.join(folder, 'never.svg'))).toBe(false)
      const validation = JSON.parse(evaluated.stdout) as { examples: number; metrics: { accuracy: number } }
      expect(validation.examples).toBe(18)
      expect(validation.metrics.accuracy).toBeGreaterThan(0.9)
      const said = JSON.parse(predicted.stdout) as { steps: string[]; classes: { name: string }[] }
      expect(said.classes[0]?.name).toBe('green')
      // Stored 55 wide and 75 high or so; shown lying on its side.
      expect(said.steps).toEqual([
        expect.stringMatching(/^resized from 55x75 to 16x16, its middle$|^resized from \d+x\d+ to 16x16, its middle$/),
      ])
      expect(analysed).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/108 pictures used, 3 left out/) as string,
      })
    },
    PATIENCE,
  )
})
