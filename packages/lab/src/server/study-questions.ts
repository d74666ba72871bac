// What the lab and its thread of studies say to each other; answers are texts of JSON, ready to be sent.

/** All studies of a folder. */
export interface StudyListQuestion {
  readonly kind: 'list'
}

/** A study in full, or what has changed of it since a version that the asker has. */
export interface StudyQuestion {
  readonly kind: 'study'
  readonly name: string
  /** Whether this lab runs it. */
  readonly stoppable: boolean
  readonly known: string | undefined
}

export type AskedOfStudies = { readonly root: string } & (StudyListQuestion | StudyQuestion)
