// Foreign text made safe to print: class names, file names, texts and records may hold what a terminal would obey.

/**
 * What no text of ours needs inside a line: the control characters C0, DEL and C1 (escape sequences begin with one),
 * the separators of lines and paragraphs, and the controls of writing direction, which make a text read as another one.
 */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const written = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A text as one line without control characters; each is written out, as JSON writes it: `\u001b`. */
export const printable = (text: string): string => text.replace(CONTROL, written)

// What colours our own text sets and resets: bold, dim, and red to cyan on the terminal's own background. In foreign
// text they pass as well; no background, black, white or reversal does, by which a text could be hidden.
const STYLE = /\u001b\[(?:[012]|22|3[1-6]|39)m/

/**
 * A text of several lines as a terminal may get it: line ends and tabs stay, styles where asked for, and every other
 * control character is written out. Inside a line of JSON that is the same value.
 * @param options.styles whether bold, dim and colours pass
 */
export function printableLines(text: string, { styles = false }: { readonly styles?: boolean } = {}): string {
  const kept = styles ? new RegExp(`${STYLE.source}|${CONTROL.source}`, 'g') : CONTROL
  return text.replace(kept, match => (match.length > 1 || match === '\n' || match === '\t' ? match : written(match)))
}
