// The queue: giving work to machines through Redis, working for it, and seeing how it stands.
export { shownAddress } from '../../command-text.ts'
export { connectRedis } from './connection.ts'
export type { WorkerState } from './queue-messages.ts'
export { queueState, type QueueState } from './queue-state.ts'
export { openQueueWorker, type QueueWorker, type QueueWorkerEvent, type QueueWorkerOptions } from './queue-worker.ts'
export { openRedisWorkers, type RedisWorkersOptions } from './redis-workers.ts'
