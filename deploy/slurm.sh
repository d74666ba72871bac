#!/bin/bash
# Workers on a Slurm cluster, one a task. From the root of the project, with DDLF_QUEUE set: sbatch --ntasks=8 deploy/slurm.sh
#SBATCH --job-name=ddlf-worker
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=1G
#SBATCH --time=12:00:00
#SBATCH --signal=B:TERM@90
#SBATCH --output=ddlf-worker-%j.log
set -euo pipefail
: "${DDLF_QUEUE:?set DDLF_QUEUE to the address of Redis, for example redis://:secret@login:6379}"

# Each task keeps the runs that it trains on the node's own disk; they return through the queue.
export DDLF_RUNS="${TMPDIR:-/tmp}/ddlf-runs-${SLURM_JOB_ID:-0}"

# Before the time is over: save what runs, send it back, leave.
trap 'kill -TERM "$workers" 2>/dev/null; wait "$workers"' TERM
srun --kill-on-bad-exit=0 node scripts/ddlf.mjs worker --jobs 1 &
workers=$!
wait "$workers"
