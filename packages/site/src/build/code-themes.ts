// Colours of code on a light and on a dark page; both keep comments readable on the ground that code stands on.
export const codeThemes = { light: 'github-light-high-contrast', dark: 'github-dark-default' } as const
