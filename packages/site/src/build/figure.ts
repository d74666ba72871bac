// Figures as they stand in a page.

/** Figures are drawn small and shown larger, so that their letters are not much smaller than the page's. */
const SCALE = 1.22

/**
 * A figure's SVG without the labels that Observable Plot puts on groups: a group has no role, so a label says nothing to a
 * screen reader there. The figure as a whole keeps its name and description.
 */
export const figureMarkup = (svg: string): string => svg
  .replace(/<g aria-label="[^"]*"/g, '<g').replace(/(<g[^>]*?) aria-label="[^"]*"/g, '$1')
  .replace(/^(<svg[^>]*?) width="([\d.]+)" height="[\d.]+"/, (_, before: string, width: string) => `${before} style="width:${Math.round(SCALE * Number(width))}px"`)
