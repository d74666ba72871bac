// Lists that tensors and graphs hold: read once, when they are given, for whoever gave them may change his later.

export const isList = (value: unknown): boolean => Array.isArray(value)

/** The same entries in a list that nobody changes. What is no list is left to the checks. */
export const ownList = <T>(list: readonly T[]): readonly T[] => (isList(list) ? Object.freeze([...list]) : list)
