// The measured counterpart of the figure about depth: gradients of the real nets before their first step.
import type { Chart } from '../charts/chart.ts'
import { gradientNormsSchema } from '../explain/gradient-norms.ts'
import recorded from '../explain/gradient-norms.json'

const { nets, seeds } = gradientNormsSchema.parse(recorded)
const COLOURS: Readonly<Record<string, number>> = { plain: 1, ResNet: 0 }

/** Size of the gradient by layer, from the first on; 20 layers dashed. */
export const gradientNormsChart: Chart = {
  series: nets.map(({ name, norms }) => ({
    name, seeds, colour: COLOURS[name.split('-')[0] ?? ''] ?? 2, dashed: name.endsWith('-20'),
    points: norms.map((norm, layer) => [layer + 1, norm] as const),
  })),
  yTitle: 'gradient by the weights',
  xTitle: 'layer, from the first',
  scale: 'log',
}
