// Runs, the Node part: run folders on disk, checkpoints, locks and provenance.
export { nodeFiles, writeFileAtomic, type FileOperations } from './atomic-file.ts'
export * from './checkpoint.ts'
export * from './provenance.ts'
export * from './run-folder.ts'
export { acquireRunLock, runLockOwner, type LockOwner, type RunLock } from './run-lock.ts'
export * from './stored-run.ts'
