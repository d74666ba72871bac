#!/bin/bash
# Three hosts in network namespaces of this machine finish a study of real trainings: Redis and the coordinator here,
# one worker on each host with runs of its own. Needs root, iproute2 and redis-server. Run in the project's folder:
#   deploy/three-hosts.sh [trials] [epochs]
set -euo pipefail
trials=${1:-9} epochs=${2:-2}
cd "$(dirname "$0")/.."
work=$(mktemp -d) bridge=ddlfbr0 net=10.232.7
names=(ddlf-host1 ddlf-host2 ddlf-host3) workers=()
tidy() {
  for name in "${names[@]}"; do
    for pid in $(ip netns pids "$name" 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
  done
  # Workers take their leave while Redis still answers.
  [ ${#workers[@]} = 0 ] || wait "${workers[@]}" || true
  [ -z "${redis:-}" ] || kill "$redis" 2>/dev/null || true
  wait
  for name in "${names[@]}"; do ip netns del "$name" 2>/dev/null || true; done
  ip link del $bridge 2>/dev/null || true
  rm -rf "$work"
}
trap tidy EXIT

ip link add $bridge type bridge
ip addr add $net.1/24 dev $bridge
ip link set $bridge up
for i in 1 2 3; do
  name=${names[$((i - 1))]}
  ip netns add "$name"
  ip link add ddlfv$i type veth peer name ddlfw$i
  ip link set ddlfw$i netns "$name"
  ip link set ddlfv$i master $bridge up
  ip netns exec "$name" ip addr add $net.$((i + 1))/24 dev ddlfw$i
  ip netns exec "$name" ip link set ddlfw$i up
  ip netns exec "$name" ip link set lo up
done

mkdir "$work/redis"
redis-server --port 6399 --bind $net.1 --requirepass three --appendonly yes --save '' --dir "$work/redis" >/dev/null &
redis=$!
export DDLF_QUEUE=redis://:three@$net.1:6399
sleep 1
for i in 1 2 3; do
  ip netns exec "${names[$((i - 1))]}" node scripts/ddlf.mjs worker --jobs 1 --runs "$work/runs-$i" &
  workers+=($!)
done
for _ in $(seq 120); do
  [ "$(node scripts/ddlf.mjs queue --json 2>/dev/null | grep -c '"host"')" = 3 ] && break
  sleep 1
done
node scripts/ddlf.mjs queue
node scripts/ddlf.mjs tune mlp-on-mnist --trials "$trials" --set epochs="$epochs" --set trainExamples=6000 \
  --space learningRate=log:1e-3..1e-1 --space batchSize=choice:32,64,128 \
  --studies "$work/studies" --runs "$work/runs"
node scripts/ddlf.mjs study show mlp-on-mnist --studies "$work/studies" --sort number
for i in 1 2 3; do echo "host $i trained $(find "$work/runs-$i" -name run.json | wc -l) runs"; done
echo "back here: $(find "$work/runs" -name run.json | wc -l) runs"
for run in "$work"/runs/mlp-on-mnist/*/; do
  node scripts/ddlf.mjs verify "mlp-on-mnist/$(basename "$run")" --runs "$work/runs" | tail -n 1
done
