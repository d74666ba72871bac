// Opens a study: a new one, or the one of its name in a journal.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { checkContinued, SPACE } from './check-continued.ts'
import { memoryJournal, type Journal } from './journal.ts'
import { OPERATION, type JournalRecord } from './journal-record.ts'
import { noPruner, type Pruner } from './pruners/pruner.ts'
import { directionCode, JournalReplay, type StoredStudy } from './replay.ts'
import type { Sampler } from './samplers/sampler.ts'
import { tpeSampler } from './samplers/tpe.ts'
import { searchSpace, type Space } from './space/space.ts'
import { Study } from './study.ts'
import { directionKind, type Direction } from './trial.ts'

/** What {@link createStudy} needs. */
export interface StudyOptions {
  readonly name: string
  readonly space: Space
  /** Default `minimize`. */
  readonly direction?: Direction
  /** Several objectives; instead of `direction`. */
  readonly directions?: readonly Direction[]
  /** Default {@link tpeSampler}. */
  readonly sampler?: Sampler
  /** Default: no trial is stopped early. */
  readonly pruner?: Pruner
  /** Where the study is kept. Default: in memory. With records of this study already there, it goes on. */
  readonly journal?: Journal
  /** The same seed and the same outcomes give the same suggestions. Default: the study's, for a new one 0. */
  readonly seed?: number
}

const SEED = 'ddlf:seed'
const KINDS = {
  name: kinds.needed(kinds.text), space: kinds.needed(kinds.dictionary()), direction: directionKind,
  directions: kinds.listOf(directionKind, directionKind.is), seed: kinds.whole(),
  sampler: kinds.withMethods('a sampler, such as tpeSampler()', 'suggest'),
  pruner: kinds.withMethods('a pruner, such as medianPruner()', 'decide'),
  journal: kinds.withMethods('a journal, such as memoryJournal()', 'read', 'append'),
}

/**
 * Opens a study: a new one, or the one of this name in the journal, which goes on.
 * @throws UserError where the journal's study has another space or other directions
 */
export function createStudy(options: StudyOptions): Study {
  const {
    name,
    space,
    journal = memoryJournal(),
    seed,
    sampler = tpeSampler(),
    pruner = noPruner(),
  } = checkOptions('createStudy', options, KINDS)
  const directions = options.directions ?? [options.direction ?? 'minimize']
  if (directions.length === 0 || (options.directions && options.direction)) {
    throw new UserError({
      rule: 'A study has one direction, or a list of directions.',
      received: options.direction ? 'both' : 'an empty list',
      next: "Give direction: 'minimize', or directions for several objectives.",
    })
  }
  const checked = searchSpace(space)
  const replay = new JournalReplay()
  for (const record of journal.read()) replay.apply(record)
  const worker = `${crypto.randomUUID()}-ddlf`
  const write = (records: readonly JournalRecord[]) => {
    // Durable first: what fails to be written has not happened.
    journal.append(records)
    for (const record of records) replay.apply(record)
  }
  const existing = replay.find(name)
  if (existing) checkContinued(existing, checked, options, journal.place)
  else {
    const study_id = replay.nextStudyId
    write([
      {
        op_code: OPERATION.createStudy,
        worker_id: worker,
        study_name: name,
        directions: directions.map(directionCode),
      },
      { op_code: OPERATION.setStudySystemAttribute, worker_id: worker, study_id, system_attr: { [SPACE]: checked } },
      { op_code: OPERATION.setStudySystemAttribute, worker_id: worker, study_id, system_attr: { [SEED]: seed ?? 0 } },
    ])
  }
  const stored = replay.find(name) as StoredStudy
  const kept = stored.systemAttributes[SEED]
  return new Study({
    stored,
    write,
    worker,
    space: checked,
    sampler,
    pruner,
    seed: seed ?? (typeof kept === 'number' ? kept : 0),
  })
}
