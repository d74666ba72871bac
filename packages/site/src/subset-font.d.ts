// subset-font brings no types of its own.
declare module 'subset-font' {
  /** Cuts a font to the glyphs of a text. */
  export default function subsetFont(
    font: Buffer,
    text: string,
    options: {
      readonly targetFormat: 'sfnt' | 'woff' | 'woff2'
      readonly variationAxes?: Readonly<
        Record<string, number | { readonly min: number; readonly max: number; readonly default?: number }>
      >
    },
  ): Promise<Buffer>
}
