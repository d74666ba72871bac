// Text that appears token by token: a character whose bytes are spread over several tokens is held back until it is
// whole.
import type { Tokenizer } from './tokenizer.ts'

export interface TextStream {
  /** The text that a further token makes certain; it may be empty. */
  push(id: number): string
  /** What was held back. */
  end(): string
}

/** How many tokens before the new ones a decoder is shown at least: enough to know whether a blank comes first. */
const CONTEXT = 6

/** Decodes ids one by one; all that it gives, joined, is `tokenizer.decode` of all ids. */
export const textStream = (tokenizer: Tokenizer): TextStream =>
  tokenizer.byteLevel ? byteStream(tokenizer) : contextStream(tokenizer)

function byteStream(tokenizer: Tokenizer): TextStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    push: id => decoder.decode(tokenizer.decodeBytes([id]), { stream: true }),
    end: () => decoder.decode(),
  }
}

function contextStream(tokenizer: Tokenizer): TextStream {
  let shown: number[] = []
  let shownText = ''
  let held: number[] = []
  const fresh = () => tokenizer.decode([...shown, ...held]).slice(shownText.length)
  return {
    push(id) {
      tokenizer.tokenOf(id)
      held.push(id)
      const text = fresh()
      if (text.endsWith('\ufffd') && held.length < 8) return ''
      const whole = shownText + text
      const all = [...shown, ...held]
      held = []
      for (let count = CONTEXT; ; count++) {
        shown = all.slice(-count)
        shownText = tokenizer.decode(shown)
        // Cut within a character that is spelled byte by byte, they would never be text again.
        if (count >= all.length || whole.endsWith(shownText)) return text
      }
    },
    end() {
      const text = fresh()
      held = []
      return text
    },
  }
}
