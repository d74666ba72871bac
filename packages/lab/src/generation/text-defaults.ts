// How texts are written where nothing is said: by ddlf sample, the lab and exported programs alike.

/** Tokens to add, the temperature and the seed. */
export const TEXT_DEFAULTS = { tokens: 300, temperature: 0.8, seed: 1 } as const
