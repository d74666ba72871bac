// Brings the explaining figures of a page to life, each when it comes near the window.

const figures: Readonly<Record<string, () => Promise<(figure: HTMLElement) => void>>> = {
  attend: async () => (await import('./attend.ts')).attend,
  root: async () => (await import('./root.ts')).root,
  heads: async () => (await import('./heads.ts')).heads,
  backward: async () => (await import('./backward.ts')).backward,
  temperature: async () => (await import('./temperature.ts')).temperature,
  'through-time': async () => (await import('./through-time.ts')).throughTime,
  'strike-words': async () => (await import('./strike-words.ts')).strikeWords,
  boundary: async () => (await import('./boundary.ts')).boundary,
  'gradient-by-depth': async () => (await import('./gradient-by-depth.ts')).gradientByDepth,
  'through-blocks': async () => (await import('./through-blocks.ts')).throughBlocks,
  'running-statistics': async () => (await import('./running-statistics.ts')).runningStatistics,
  schedules: async () => (await import('./schedules.ts')).schedules,
  depth: async () => (await import('./depth.ts')).depth,
  merges: async () => (await import('./merges.ts')).merges,
  shifted: async () => (await import('./shifted.ts')).shifted,
  sizes: async () => (await import('./sizes.ts')).sizes,
  pooling: async () => (await import('./pooling.ts')).pooling,
  field: async () => (await import('./field.ts')).field,
  'word-map': async () => (await import('./word-map.ts')).wordMap,
  window: async () => (await import('./window.ts')).slidingWindow,
  valley: async () => (await import('./valley.ts')).valley,
  'digit-under-weights': async () => (await import('./digit-under-weights.ts')).digitUnderWeights,
}

async function enliven(figure: HTMLElement): Promise<void> {
  const load = figures[figure.dataset['explain'] ?? '']
  if (!load) return
  const start = await load()
  start(figure)
  figure.dataset['ready'] = ''
}

const near = new IntersectionObserver(
  entries => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      near.unobserve(target)
      void enliven(target as HTMLElement)
    }
  },
  { rootMargin: '600px' },
)
for (const figure of document.querySelectorAll<HTMLElement>('[data-explain]')) {
  // A link with the state of a figure brings it to life at once.
  if (location.hash.startsWith(`#fig:${figure.dataset['explain'] ?? ''}:`)) void enliven(figure)
  else near.observe(figure)
}

export {}
