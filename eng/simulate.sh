#!/usr/bin/env bash
# Replays one seed of the simulation, step for step, with its trace; or runs many and prints those that broke.
#
#   ./eng/simulate.sh SEED           the trace of one seed, and what did not hold
#   ./eng/simulate.sh FIRST COUNT    COUNT seeds from FIRST on; of the first that breaks, the fewest parts that still do
#   ... --without PART,...           without some parts of the world that the seed draws
#   ... --counts                     how often each fault, program and transition was seen
#   ... --varied                     with programs that are not deterministic
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -gt 0 ] || { sed -n '2,8p' "$0"; exit 2; }
dotnet build tests/Simulation -c Release -v quiet -clp:NoSummary >&2
exec dotnet artifacts/bin/Simulation/release/MicroSpark.Simulation.dll "$@"
