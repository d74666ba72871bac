// The error of a disk on which nothing more can be written.
import { UserError } from '@ddlf/tensor/errors'

/** The disk, or a user's share of it, is full. What was written before is whole, and goes on when there is room. */
export class DiskFull extends UserError {}
