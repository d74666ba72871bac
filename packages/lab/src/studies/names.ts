// The names of samplers and pruners, apart from what they are: help and forms list them.

export const samplerNames = ['tpe', 'random', 'grid', 'quasi-random', 'cma-es', 'gaussian-process'] as const
export const prunerNames = ['none', 'median', 'successive-halving', 'hyperband', 'wilcoxon'] as const
