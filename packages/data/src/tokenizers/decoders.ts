// How tokens become text again.
import { charactersToBytes } from './byte-alphabet.ts'
import { readPattern } from './normalizers.ts'
import type { DecoderSettings } from './tokenizer-json.ts'

/** Turns the texts of tokens into others; what is left at the end is joined. */
type Decode = (tokens: readonly string[]) => string[]

/** Bytes as text: what is not valid UTF-8 becomes U+FFFD, and a byte-order mark stays. */
export const textOfBytes = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** The bytes of all tokens of a byte-level vocabulary. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/i

/** Tokens such as `<0x0A>` as the bytes they stand for; each byte of what is not valid UTF-8 becomes U+FFFD. */
const byteFallback: Decode = tokens => {
  const out: string[] = []
  let bytes: number[] = []
  const flush = () => {
    if (bytes.length === 0) return
    const all = Uint8Array.from(bytes)
    try {
      out.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(all))
    } catch {
      out.push(...bytes.map(() => '\ufffd'))
    }
    bytes = []
  }
  for (const token of tokens) {
    const byte = BYTE_TOKEN.exec(token)?.[1]
    if (byte !== undefined) {
      bytes.push(parseInt(byte, 16))
      continue
    }
    flush()
    out.push(token)
  }
  flush()
  return out
}

const CLEANED: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
]
const clean = (text: string) => CLEANED.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text)

function strip(token: string, content: string, start: number, stop: number): string {
  const characters = Array.from(token)
  let from = 0
  while (from < start && characters[from] === content) from++
  let to = characters.length
  while (to > from && characters.length - to < stop && characters[to - 1] === content) to--
  return characters.slice(from, to).join('')
}

function decoder(settings: DecoderSettings): Decode {
  switch (settings.type) {
    case 'ByteLevel':
      return tokens => [textOfBytes(joinBytes(tokens.map(charactersToBytes)))]
    case 'ByteFallback':
      return byteFallback
    case 'Fuse':
      return tokens => [tokens.join('')]
    case 'Replace': {
      const pattern = readPattern(settings.pattern)
      return tokens => tokens.map(token => token.replace(pattern, () => settings.content))
    }
    case 'Strip':
      return tokens => tokens.map(token => strip(token, settings.content, settings.start, settings.stop))
    case 'Metaspace': {
      const prefixed =
        (settings.prepend_scheme ?? (settings.add_prefix_space === false ? 'never' : 'always')) !== 'never'
      // The first token loses all its marks, as in Hugging Face's library in Rust: none of them is told from the one
      // that was put in front.
      return tokens =>
        tokens.map((token, i) => token.replaceAll(settings.replacement, i === 0 && prefixed ? '' : ' '))
    }
    case 'WordPiece':
      return tokens =>
        tokens.map((token, i) => {
          const joined =
            i === 0 ? token : token.startsWith(settings.prefix) ? token.slice(settings.prefix.length) : ` ${token}`
          return settings.cleanup ? clean(joined) : joined
        })
    case 'BPEDecoder':
      return tokens => tokens.map((token, i) => token.replaceAll(settings.suffix, i === tokens.length - 1 ? '' : ' '))
  }
}

/** All decoders of a file, one after the other; without any, tokens are joined by blanks. */
export function decoding(all: readonly DecoderSettings[]): (tokens: readonly string[]) => string {
  if (all.length === 0) return tokens => tokens.join(' ')
  const steps = all.map(decoder)
  return tokens => steps.reduce<readonly string[]>((texts, step) => step(texts), tokens).join('')
}
