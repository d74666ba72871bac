// Figures as they stand in a page.

/**
 * A figure's SVG without the labels that Observable Plot puts on groups: a group has no role, so a label says nothing to a
 * screen reader there. The figure as a whole keeps its name and description.
 */
export const figureMarkup = (svg: string): string => svg.replace(/<g aria-label="[^"]*"/g, '<g').replace(/(<g[^>]*?) aria-label="[^"]*"/g, '$1')
