#!/usr/bin/env bash
# Worker processes on a PostgreSQL server under faults that a seed draws: kill -9, SIGSTOP, SIGTERM, clients that die, PostgreSQL stopped for up to a
# minute, full disks. Every result is compared with the known one. Takes minutes and is no part of eng/test.sh.
# The exit code is 0 only if no answer was wrong, nothing failed or hung, and nothing has grown.
#
#   ./eng/chaos.sh --minutes 8 --seed 7                        all faults, all workloads
#   ./eng/chaos.sh --minutes 8 --seed 7 --faults Kill Leave    only these
#   ./eng/chaos.sh --minutes 2 --workloads join saved          only these
#
# The report, and what processes wrote in rounds that were not right, are in artifacts/chaos/SEED (--output).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
if [ -z "${MICROSPARK_NO_BUILD:-}" ]; then
  dotnet build bench/Chaos -c Release --disable-build-servers -v quiet -clp:NoSummary >&2 || { echo "The build failed." >&2; exit 1; }
fi
run=(artifacts/bin/Chaos/release/MicroSpark.Chaos "$@")

# As root in namespaces of its own: whatever ends this script, its processes and mounts end with it, and nobody else's network is touched.
apart=(unshare --pid --fork --kill-child --mount-proc --mount --net)
if [ "$(id -u)" = 0 ] && "${apart[@]}" true 2> /dev/null; then
  exec "${apart[@]}" -- bash -c 'ip link set lo up && exec "$@"' chaos "${run[@]}"
fi
exec "${run[@]}"
