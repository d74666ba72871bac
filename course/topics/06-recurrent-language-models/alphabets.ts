// The characters that the experiments of Days 15-16 read, in the order of their numbers.

/** Small letters; the first of all begins and ends a name. */
export const NAMES = '.abcdefghijklmnopqrstuvwxyz'

/** The 65 characters of tiny Shakespeare. */
export const SHAKESPEARE = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
