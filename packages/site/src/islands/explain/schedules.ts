// One descent under several schedules: the schedule by a choice, the highest rate by a slider.
import {
  drawSchedule, saidOfSchedule, SCHEDULE_START, SCHEDULE_STEPS, SCHEDULES, type ScheduleState,
} from '../../explain/schedules.ts'
import { choice, controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const RATES = [0.05, 1.5] as const

/** Brings the figure to life. */
export function schedules(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(260, Math.min(640, surface.clientWidth))
  const change = (part: Partial<ScheduleState>) => player.set({ ...player.state, ...part })
  const schedule = choice(figure, 'schedule', value =>
    change({ schedule: SCHEDULES.find(one => one === value) ?? 'constant' }),
  )
  const rate = slider(figure, 'rate', value => change({ rate: value }))
  const show = (state: ScheduleState) => {
    surface.innerHTML = drawSchedule(state, width())
    said.textContent = saidOfSchedule(state)
    schedule(state.schedule)
    rate(state.rate, state.rate.toFixed(2))
  }
  const player: Player<ScheduleState> = new Player(figure, controlsOf(figure), {
    name: 'schedules',
    first: SCHEDULE_START,
    last: () => SCHEDULE_STEPS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ schedule: state.schedule, rate: String(state.rate), step: String(state.step) }),
    fromAddress: (given, first) => ({
      schedule: oneFrom(given, 'schedule', SCHEDULES, first.schedule),
      rate: numberFrom(given, 'rate', RATES, first.rate),
      step: Math.round(numberFrom(given, 'step', [0, SCHEDULE_STEPS], first.step)),
    }),
    milliseconds: 20,
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
