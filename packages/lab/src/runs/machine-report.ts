// What a bug report needs: versions, machine, runtimes, folders and data of this installation.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { availableRuntimes } from '@ddlf/tensor/node'
import { datasetCards } from '@ddlf/data'
import { cacheFolder, searchFolders, setStatus } from '@ddlf/data/node'
import { describeMachine, gitState, installedVersions } from './provenance.ts'

/** One finding of {@link machineReport}. */
export interface Finding {
  readonly name: string
  readonly value: string
  /** False: something will not work. */
  readonly sound: boolean
  /** What to do where it is not sound, or could be better. */
  readonly next?: string
}

/** Findings under a heading. */
export interface FindingGroup {
  readonly title: string
  readonly findings: readonly Finding[]
}

const said = (name: string, value: string): Finding => ({ name, value, sound: true })

/** Whether a folder, or the nearest one above it that exists, can be written to. */
function writable(folder: string): boolean {
  let nearest = path.resolve(folder)
  while (!fs.existsSync(nearest) && nearest !== path.dirname(nearest)) nearest = path.dirname(nearest)
  try {
    const made = fs.mkdtempSync(path.join(nearest, '.ddlf-doctor-'))
    fs.rmdirSync(made)
    return true
  } catch {
    return false
  }
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`

function folderFinding(name: string, folder: string, next: string): Finding {
  const sound = writable(folder)
  const { bavail, bsize } = fs.statfsSync(fs.existsSync(folder) ? folder : path.parse(path.resolve(folder)).root)
  return {
    name,
    value: `${path.resolve(folder)}, ${sound ? `writable, ${gibibytes(bavail * bsize)} free` : 'not writable'}`,
    sound,
    ...(!sound && { next }),
  }
}

/**
 * Looks this installation over: nothing is changed, and nothing is asked of the network.
 * @param options.runs the folder that holds all runs
 */
export async function machineReport({ runs }: { readonly runs: string }): Promise<FindingGroup[]> {
  const machine = describeMachine()
  const { node, ...versions } = installedVersions()
  const [major = 0, minor = 0] = (node ?? '0.0').split('.').map(Number)
  const recent = major > 20 || (major === 20 && minor >= 19)
  const git = gitState(process.cwd())
  const runtimes = await availableRuntimes()
  const statuses = await Promise.all(datasetCards.map(async card => ({ card, status: await setStatus(card) })))
  const here = statuses.filter(({ status }) => status.here)
  return [
    {
      title: 'Versions',
      findings: [
        {
          name: 'node',
          value: node ?? 'unknown',
          sound: recent,
          ...(!recent && { next: 'Install Node 20.19 or newer.' }),
        },
        ...Object.entries(versions).map(([name, version]) => said(name, version)),
        said('commit', git ? `${git.commit}${git.dirty ? ' with changes' : ''}` : 'not in a git repository'),
      ],
    },
    {
      title: 'Machine',
      findings: [
        said('platform', `${machine.os}, ${process.platform}-${process.arch}`),
        said('processor', `${machine.cpu}, ${machine.cores} for this process`),
        said('memory', `${gibibytes(machine.memory)}, ${gibibytes(os.freemem())} free`),
        said('terminal', process.stdout.isTTY ? `${process.stdout.columns} columns` : 'none (output is redirected)'),
      ],
    },
    {
      title: 'Runtimes',
      findings: [
        ...runtimes.map(({ name, detail, works, next }) => ({
          name,
          value: detail,
          sound: works || name !== 'onnx-node',
          ...(next !== undefined && { next }),
          ...(!works && name === 'onnx-node' && next === undefined && { next: 'npm install onnxruntime-node' }),
        })),
        said('telemetry', `off (ONNX Runtime's: ORT_DISABLE_TELEMETRY=${process.env['ORT_DISABLE_TELEMETRY'] ?? ''})`),
      ],
    },
    {
      title: 'Folders',
      findings: [
        folderFinding('runs', runs, 'Choose another with --runs or DDLF_RUNS.'),
        folderFinding('data cache', cacheFolder(), 'Choose another with DDLF_CACHE.'),
        ...searchFolders().map(folder =>
          said('data search path', `${folder}${fs.existsSync(folder) ? '' : ' (does not exist)'}`),
        ),
        said(
          'network',
          process.env['DDLF_OFFLINE'] === '1' ? 'not used (DDLF_OFFLINE=1)' : 'used for data sets that are missing',
        ),
      ],
    },
    {
      title: 'Data sets',
      findings: [
        said('here', here.map(({ card }) => card.id).join(', ') || 'none'),
        said(
          'to fetch',
          statuses
            .filter(({ status }) => !status.here)
            .map(({ card }) => card.id)
            .join(', ') || 'none',
        ),
      ],
    },
  ]
}
