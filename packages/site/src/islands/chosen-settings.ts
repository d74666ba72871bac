// The trainer's settings as they stand in an address, those it begins with, and what a run of some is called.
/** Settings by name, as they stand in an address. */
export type Chosen = Readonly<Record<string, string>>

export const FIRST: Chosen = {
  hidden: '128,128',
  learningRate: '0.05',
  batchSize: '64',
  dropout: '0',
  epochs: '4',
  seed: '1',
}

/** What a run is called beside others: its layers, its learning rate, and what else is not as it was at first. */
export function nameOf(settings: Chosen): string {
  const { hidden, learningRate = '', ...rest } = settings
  const others = Object.entries(rest).filter(([name, value]) => value !== FIRST[name])
  const words = others.map(([name, value]) => `${name === 'batchSize' ? 'batch' : name} ${value}`)
  return [hidden || 'linear', `rate ${learningRate}`, ...words].join(', ')
}
