#!/usr/bin/env bash
# Reads mutated bytes with every reader and port for so long, each an equal share. What makes a reader say something new is kept in
# tests/Corpus, which the tests read again and mutate each time; what breaks one is written there too, and named.
#
#   ./eng/fuzz.sh MINUTES [TARGET]   all targets, or the test methods whose names have TARGET in them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '2,5p' "$0"; exit 2; }
targets=$(grep -rhoE 'Fuzzing\.Run\(' tests/*.Tests --include=*Tests.cs | wc -l)
[ $# -lt 2 ] || targets=1
export MICROSPARK_FUZZ_SECONDS=$(($1 * 60 / targets)) DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
code=0
for project in Core.Tests Grains.Tests; do
  filter="(FullyQualifiedName~Fuzz|FullyQualifiedName~GatewayGateTests.Whatever)"
  dotnet test "tests/$project" -c Release --filter "$filter${2:+&FullyQualifiedName~$2}" --logger "console;verbosity=detailed" \
    -- xUnit.MaxParallelThreads=1 | { grep -E ' inputs in |Failed |gave |allocated |^(Passed|Failed)!' || true; } || code=1
done
git status --short tests/Corpus
exit $code
