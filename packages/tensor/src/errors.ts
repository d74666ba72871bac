// What a user reads when something does not fit: the error, the kinds of values, and the checks of arguments and
// options.
export { describe, nearestName, UserError, type UserErrorParts } from './user-error.ts'
export { checkOptions, type Kinds } from './options.ts'
export { checkArgument, type Kind, type Needed } from './kinds.ts'
export * as kinds from './kinds.ts'
