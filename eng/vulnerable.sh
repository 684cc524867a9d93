#!/usr/bin/env bash
# Reports packages with known vulnerabilities, for people: it ends well whatever it finds, also when no source can be asked.
#
#   ./eng/vulnerable.sh [SECONDS]   at most so long (30)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
found=$(timeout --kill-after=5s "${1:-30}" dotnet list MicroSpark.sln package --vulnerable --include-transitive 2>&1 < /dev/null)
code=$?
clean=$(grep -c 'has no vulnerable packages' <<< "$found")
if [ "$code" = 124 ] || [ "$code" = 137 ]; then
  echo "Vulnerable packages: not known, the package source did not answer within ${1:-30} s."
elif grep -q 'NU1905' <<< "$found"; then
  echo "Vulnerable packages: not known, a package source has no list of vulnerabilities."
elif grep -qE '^ +> ' <<< "$found"; then
  echo "Vulnerable packages:"
  grep -E '^(Project|The given project) .*has the following|^ +(\[|Top-level|Transitive|>)' <<< "$found"
elif [ "$code" != 0 ] || [ "$clean" = 0 ]; then
  echo "Vulnerable packages: not known, no package source could be asked: $(grep -m 1 -iE 'error|NU[0-9]{4}|unable' <<< "$found" || echo "exit code $code")"
else
  echo "Vulnerable packages: none known in $clean projects."
fi
exit 0
