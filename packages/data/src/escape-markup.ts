// Foreign text made safe inside HTML and SVG: class names, labels, file names, notes. The one place that does it.

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Control characters but tab and line ends (XML has no way to write most of them), and the controls that reorder what
 * is read, by which a text shows as another one (Boucher and Anderson, "Trojan source", 2021).
 */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g

/**
 * Text made safe inside XML and HTML elements and attributes; what a reader would not see is written out, as JSON
 * writes it: `\u202e`.
 */
export const escapeMarkup = (text: string): string =>
  text
    .replace(UNSEEN, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, character => ESCAPES[character] ?? character)
