// Gives every chart of a memo its cursor.
import type { ChartData } from '../charts/chart-data.ts'
import { connectCursor } from '../charts/chart-cursor.ts'

for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) {
  const data = JSON.parse(place.dataset['chart'] ?? '{}') as ChartData
  connectCursor(place, () => data)
}
