// The words that a suggested command needs to find a study.

/**
 * `--studies <folder>` where the folder is not the one that a command takes by itself: DDLF_STUDIES, else `studies`.
 */
export const studiesWords = (root: string): string[] =>
  root === (process.env['DDLF_STUDIES'] ?? 'studies') ? [] : ['--studies', root]
