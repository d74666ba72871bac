// Opens the trainer where the reader asks for it: until then the page loads nothing of it.
import type { Metric } from '@ddlf/lab/metric'

for (const place of document.querySelectorAll<HTMLElement>('[data-try-it]')) {
  const button = place.querySelector<HTMLButtonElement>('[data-open]')
  const open = async () => {
    if (button) button.disabled = true
    const { mountTrainer } = await import('./trainer.tsx')
    mountTrainer(place, {
      experiment: place.dataset['tryIt'] ?? '',
      data: new URL(place.dataset['mnist'] ?? '', location.href).href,
      metrics: JSON.parse(place.dataset['metrics'] ?? '[]') as Metric[],
    })
  }
  if (button) {
    button.disabled = false
    button.addEventListener('click', () => void open())
  }
  // A link with settings opens it at once.
  const openByLink = () => {
    if (location.hash.startsWith('#try:') && !button?.disabled) void open()
  }
  openByLink()
  addEventListener('hashchange', openByLink)
}

export {}
