// Where experiments are defined, told to the threads and processes that train.

/** The address of a module, a `file:` URL, or of several: the first that has an experiment of a name has its say. */
export type ExperimentModules = string | readonly string[]
