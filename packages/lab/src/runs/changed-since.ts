// The refusal to go on with a run of which something has changed.
import { UserError } from '@ddlf/tensor/errors'

/** Something that decides the numbers of a run has changed since: going on is refused, and nothing was computed. */
export class ChangedSince extends UserError {}
