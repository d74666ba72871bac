// How a suggested command names the folder of the runs.

/** `--runs <folder>` where the folder is not the one that a command takes by itself: DDLF_RUNS, else `runs`. */
export const runsWords = (root: string): string[] =>
  root === (process.env['DDLF_RUNS'] ?? 'runs') ? [] : ['--runs', root]
