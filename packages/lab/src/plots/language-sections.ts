// What the report says of a model of language.
import { likelihoodText } from '../analysis/text/likelihood.ts'
import type { LanguageAnalysis } from '../analysis/tokens/language-analysis.ts'
import { curveFigure } from './curve-figure.ts'
import { heatImage } from './image-data-uri.ts'
import { imageGridFigure } from './image-grid-figure.ts'
import { fileName, table, type DrawOptions, type Section } from './report-parts.ts'
import { visibleText } from './token-page.ts'
import { tokenShadeFigure } from './token-shade-figure.ts'

const quoted = (text: string) => `\u201c${visibleText(text)}\u201d`

/** The loss by position, and how far gradients reach. */
function positionSection(language: LanguageAnalysis, options: DrawOptions): Section {
  const { lossByPosition, reach, tokens, likelihood } = language
  const curve = (name: string, values: readonly number[], first: number) => ({
    name, runs: [{ x: values.map((_, i) => i + first), y: values }],
  })
  const drawn = { ...options, width: 496, height: 270 }
  return {
    id: 'positions',
    title: 'How much of the text it uses',
    text:
      `${likelihoodText(tokens, likelihood)} ` +
      'Left: the mean loss of a token by how many tokens it has seen; ' +
      'where the curve is flat, more context is worth nothing. Right: how strongly the loss of the last token ' +
      'depends on the vector of an earlier one (the norm of the gradient); where it is nothing, nothing can be ' +
      'learned.',
    figures: [
      {
        name: 'loss-by-position',
        svg: curveFigure([curve('loss', lossByPosition, 1)], {
          ...drawn, title: 'Loss by position', xLabel: 'tokens seen', yLabel: 'loss (nats)',
        }),
      },
      ...(reach
        ? [{
            name: 'gradient-by-distance',
            svg: curveFigure([curve('gradient', reach, 0)], {
              ...drawn, title: 'Gradient by distance', xLabel: 'tokens before the last', yLabel: 'norm', yScale: 'log',
            }),
          }]
        : []),
    ],
    tables: [],
  }
}

function attentionSection({ attention, text }: LanguageAnalysis, options: DrawOptions): Section[] {
  if (attention.length === 0) return []
  const area = text.length ** 2
  const tiles = attention.flatMap(({ heads, weights }, layer) =>
    Array.from({ length: heads }, (_, head) => ({
      image: heatImage(weights.subarray(head * area, (head + 1) * area), text.length, text.length),
      caption: [`layer ${layer + 1}, head ${head + 1}`],
    })))
  return [{
    id: 'attention',
    title: 'What it attends to',
    text:
      'One picture a head: each row is a token that looks, from the first at the top to the last; each column one ' +
      'that is looked at. Bright means a large weight. A bright diagonal looks at the token itself, one beside ' +
      'it at the ' +
      `token before, a bright column at one token again and again. The text: ${quoted(text.join(''))}`,
    figures: [{ name: 'attention', svg: imageGridFigure(tiles, { ...options, width: 992, size: 150, title: '' }) }],
    tables: [],
  }]
}

function unitSection({ units, text }: LanguageAnalysis, options: DrawOptions): Section[] {
  if (units.length === 0) return []
  return [{
    id: 'units',
    title: 'What single units respond to',
    text:
      'Of each layer the units that differ most between the tokens of a text: red where one is high, blue where it ' +
      'is low.',
    figures: units.map(({ name, values }) => ({
      name: `unit-${fileName(name)}`,
      svg: tokenShadeFigure(text, values, { ...options, title: `${name.charAt(0).toUpperCase()}${name.slice(1)}` }),
    })),
    tables: [],
  }]
}

function tokenSection({ surprising, neighbours }: LanguageAnalysis): Section {
  const least = (share: number) => (share < 0.001 ? share.toExponential(0) : share.toFixed(3))
  const surprises = surprising.map(({ before, token, nats, likeliest, likeliestShare }) => ({
    cells: [
      `\u2026${visibleText(before)}`, visibleText(token), visibleText(likeliest), least(Math.exp(-nats)),
      likeliestShare.toFixed(3), nats.toFixed(2),
    ],
    strong: false,
  }))
  const near = neighbours.map(one => ({
    cells: [
      visibleText(one.token),
      one.near.map(({ token, similarity }) => `${visibleText(token)} (${similarity.toFixed(2)})`).join('   '),
    ],
    strong: false,
  }))
  return {
    id: 'tokens',
    title: 'Tokens',
    text:
      'The tokens that it expected least, with what it thought likelier. And the most frequent tokens, each with ' +
      'those whose vectors point in the most similar direction (the cosine in brackets).',
    figures: [],
    tables: [
      ...(surprises.length === 0 ? [] : [table(
        'Most surprising tokens', ['after', 'token', 'likeliest', 'p', 'p of the likeliest', 'nats'], surprises, 3,
      )]),
      ...(near.length === 0 ? [] : [table('Nearest vectors', ['token', 'near it'], near, 2)]),
    ],
  }
}

/** The sections, in the order of the page. */
export const languageSections = (language: LanguageAnalysis, options: DrawOptions): Section[] => [
  positionSection(language, options),
  ...attentionSection(language, options),
  ...unitSection(language, options),
  tokenSection(language),
]
