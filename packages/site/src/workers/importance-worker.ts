// The worker that measures the importance of a study's parameters, so that the page stays quick.
import { studyImportance } from '@ddlf/lab/study-importance'

globalThis.addEventListener('message', ({ data }: MessageEvent) => {
  const asked = data as Parameters<typeof studyImportance>
  globalThis.postMessage(studyImportance(...asked))
})
