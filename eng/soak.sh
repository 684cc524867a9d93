#!/usr/bin/env bash
# Runs what takes minutes and is therefore no part of eng/test.sh: the tests marked [SoakFact], such as a result of 2 GB that streams to a client
# whose heap is limited to 300 MB. Needs about 3 GB of free disk in the temporary folder.
# The last line is "N passed, N failed"; the exit code is 0 only if all passed.
#
#   ./eng/soak.sh               all of them
#   ./eng/soak.sh 2_GB          those with this in their name
#   ./eng/soak.sh clients 30    instead, for 30 minutes: five clients on two workers, with cancels and a third worker that comes and dies; prints
#                               memory, handles and threads over time, and fails when they grow
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
[ "${1:-}" != clients ] || exec dotnet run -c Release --project bench -- soak --minutes "${2:-30}"
export MICROSPARK_SOAK=1
log=artifacts/soak.log

dotnet build tests/Process.Tests -c Release --disable-build-servers -v quiet -clp:NoSummary >&2 || { echo "The build failed." >&2; echo "0 passed, 1 failed"; exit 1; }

# The name of a soak test is that of a method below the attribute.
filter=
for name in $(grep -rA1 --include='*.cs' --no-filename '^ *\[SoakFact\]' tests/Process.Tests | grep -oE '\b[A-Z]\w+\(\)' | tr -d '()'); do
  case "$name" in *"${1:-}"*) filter="${filter:+$filter|}FullyQualifiedName~$name" ;; esac
done
[ -n "$filter" ] || { echo "No soak test has '${1:-}' in its name." >&2; echo "0 passed, 1 failed"; exit 1; }

dotnet test tests/Process.Tests -c Release --no-build --filter "$filter" --logger 'console;verbosity=normal' \
  --blame-hang-timeout 30m --blame-hang-dump-type none 2>&1 < /dev/null | tee "$log" >&2
code=${PIPESTATUS[0]}
number() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$log" | tail -n 1; }
passed=$(number Passed) failed=$(number Failed)
passed=${passed:-0} failed=${failed:-0}
if [ "$code" != 0 ] && [ "$failed" = 0 ] || [ "$passed" = 0 ] && [ "$failed" = 0 ]; then failed=1; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
