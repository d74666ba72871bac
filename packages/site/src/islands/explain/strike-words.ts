// The sentence whose words are struck by a click or by Enter, and read one by one by the player; and whose bars they
// have, of naive Bayes or of a net.
import words from '../../explain/review-words.json' with { type: 'json' }
import { reviewWordsSchema } from '../../explain/review-words-data.ts'
import {
  drawStrikeWords, saidOfStrikeWords, strike, strikeStart, type StrikeState,
} from '../../explain/strike-words.ts'
import { choice, controlsOf, partOf } from './parts.ts'
import { numberFrom, Player } from './player.ts'

/** Brings a figure of struck words to life. */
export function strikeWords(figure: HTMLElement): void {
  const record = reviewWordsSchema.parse(words)
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const last = ({ sentence }: StrikeState) => record.sentences[sentence]?.words.length ?? 0
  const texts = record.sentences.map(one => one.words.join(' '))
  const radios = choices(partOf(figure, 'sentence', HTMLFieldSetElement), texts, i =>
    player.set(strikeStart(record, i, player.state.model)),
  )
  const model = choice(figure, 'model', value =>
    player.set(strikeStart(record, player.state.sentence, Number(value))),
  )
  const show = (state: StrikeState) => {
    const focused = (document.activeElement as HTMLElement | null)?.dataset['word']
    surface.innerHTML = drawStrikeWords(record, state)
    said.textContent = saidOfStrikeWords(record, state)
    for (const [i, radio] of radios.entries()) radio.checked = i === state.sentence
    model(String(state.model))
    if (focused !== undefined) surface.querySelector<HTMLElement>(`[data-word="${focused}"]`)?.focus()
  }
  const player: Player<StrikeState> = new Player(figure, controlsOf(figure), {
    name: 'strike-words',
    first: strikeStart(record),
    last,
    step: state => state.step,
    at: (state, step) => ({ ...state, step, struck: state.model > 0 ? [] : state.struck }),
    toAddress: ({ sentence, struck, step, model: whose }) =>
      ({ sentence: String(sentence), struck: struck.join('.'), step: String(step), model: String(whose) }),
    fromAddress: (given, first) => {
      const sentence = Math.round(numberFrom(given, 'sentence', [0, record.sentences.length - 1], first.sentence))
      const whose = Math.round(numberFrom(given, 'model', [0, record.models.length - 1], first.model))
      const start = strikeStart(record, sentence, whose)
      const most = start.step
      const places = [...new Set((given.get('struck') ?? '').split('.').filter(text => text !== '').map(Number))]
        .filter(place => Number.isInteger(place) && place >= 0 && place < most)
      const step = Math.round(numberFrom(given, 'step', [0, most], most))
      return places.reduce((state, place) => strike(record, state, place), { ...start, step })
    },
    show,
  })
  surface.addEventListener('click', event => {
    const place = Number((event.target as HTMLElement).closest<HTMLElement>('[data-word]')?.dataset['word'] ?? NaN)
    if (!Number.isInteger(place)) return
    player.set(strike(record, player.state, place))
  })
}

/** Radio buttons in a fieldset, one a text. */
function choices(fieldset: HTMLFieldSetElement, texts: readonly string[], onChoice: (i: number) => void) {
  return texts.map((text, i) => {
    const radio = Object.assign(document.createElement('input'), { type: 'radio', name: 'sentence', value: String(i) })
    radio.addEventListener('change', () => onChoice(i))
    const label = document.createElement('label')
    label.append(radio, ` ${text}`)
    fieldset.append(label)
    return radio
  })
}
