#!/usr/bin/env bash
# Puts one defect at a time into a scratch copy, and says which of them the simulation finds.
#
#   ./eng/mutants.sh [SEEDS [NAME...]]   as many seeds for each, 1000 by default; those alone whose names begin so
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seeds=${1:-1000}
shift $(($# > 0 ? 1 : 0))
only=("${@:-}")
scratch=$(mktemp -d)
trap 'git worktree remove --force "$scratch" > /dev/null 2>&1' EXIT
git worktree add --detach "$scratch" HEAD > /dev/null 2>&1 || exit 1
found=0 all=0
for patch in $(printf -- "$PWD/tests/Simulation/Mutants/%s*.patch\n" "${only[@]}"); do
  all=$((all + 1))
  name=$(basename "$patch" .patch)
  git -C "$scratch" apply "$patch" || { echo "$name: does not apply"; continue; }
  if ! dotnet build "$scratch/tests/Simulation" -c Release -v quiet -clp:NoSummary > "$scratch/build.txt" 2>&1; then
    echo "$name: does not build"
  else
    output=$(timeout 600 dotnet "$scratch/artifacts/bin/Simulation/release/MicroSpark.Simulation.dll" 1 "$seeds" --first)
    end=$?
    if [ $end = 0 ]; then echo "$name: not found"; elif [ $end = 124 ]; then echo "$name: not finished"; else found=$((found + 1)); echo "$name: found, $(grep -m 1 '^seed' <<< "$output" | sed -E 's/,[^:]*: /: /' | cut -c 1-160)"; fi
  fi
  git -C "$scratch" checkout -q .
done
echo "$found of $all found with $seeds seeds each"
