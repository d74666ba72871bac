// The sentence whose words are struck by a click or by Enter, and read one by one by the player.
import words from '../../explain/review-words.json' with { type: 'json' }
import { reviewWordsSchema } from '../../explain/review-words-data.ts'
import { drawStrikeWords, saidOfStrikeWords, strikeStart, type StrikeState } from '../../explain/strike-words.ts'
import { controlsOf, partOf } from './parts.ts'
import { numberFrom, Player } from './player.ts'

/** Brings a figure of struck words to life. */
export function strikeWords(figure: HTMLElement): void {
  const record = reviewWordsSchema.parse(words)
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const last = ({ sentence }: StrikeState) => record.sentences[sentence]?.words.length ?? 0
  const texts = record.sentences.map(one => one.words.join(' '))
  const radios = choices(partOf(figure, 'sentence', HTMLFieldSetElement), texts, i =>
    player.set(strikeStart(record, i)),
  )
  const show = (state: StrikeState) => {
    const focused = (document.activeElement as HTMLElement | null)?.dataset['word']
    surface.innerHTML = drawStrikeWords(record, state)
    said.textContent = saidOfStrikeWords(record, state)
    for (const [i, radio] of radios.entries()) radio.checked = i === state.sentence
    if (focused !== undefined) surface.querySelector<HTMLElement>(`[data-word="${focused}"]`)?.focus()
  }
  const player: Player<StrikeState> = new Player(figure, controlsOf(figure), {
    name: 'strike-words',
    first: strikeStart(record),
    last,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: ({ sentence, struck, step }) =>
      ({ sentence: String(sentence), struck: struck.join('.'), step: String(step) }),
    fromAddress: (given, first) => {
      const sentence = Math.round(numberFrom(given, 'sentence', [0, record.sentences.length - 1], first.sentence))
      const most = last({ ...first, sentence })
      const places = (given.get('struck') ?? '').split('.').filter(text => text !== '').map(Number)
      const struck = [...new Set(places)]
      return {
        sentence,
        struck: struck.filter(place => Number.isInteger(place) && place >= 0 && place < most),
        step: Math.round(numberFrom(given, 'step', [0, most], most)),
      }
    },
    show,
  })
  surface.addEventListener('click', event => {
    const place = Number((event.target as HTMLElement).closest<HTMLElement>('[data-word]')?.dataset['word'] ?? NaN)
    if (!Number.isInteger(place)) return
    const { struck } = player.state
    player.set({
      ...player.state,
      struck: struck.includes(place) ? struck.filter(one => one !== place) : [...struck, place].sort((a, b) => a - b),
    })
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
