#!/usr/bin/env bash
# Reads bytes that nobody has thought of with every reader and port, each an equal share of the time. AFL++ chooses them by the code that
# they reach, in copies of MicroSpark that SharpFuzz makes tell it. What makes a reader say something new is kept in tests/Corpus, which
# the tests read again and mutate each time; what breaks one is written there too, and named.
#
#   ./eng/fuzz.sh MINUTES [TARGET]                      all targets, or those whose names have TARGET in them
#   ./eng/fuzz.sh --without-coverage MINUTES [TEST]     mutates within the tests alone, and looks at no code; needs no AFL++
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
coverage=1
if [ "${1:-}" = --without-coverage ]; then coverage=; shift; fi
[[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '2,8p' "$0"; exit 2; }
minutes=$1 wanted=${2:-}
tests='(FullyQualifiedName~Fuzz|FullyQualifiedName~GatewayGateTests.Whatever)'
said=' inputs in | found by |Failed |gave |allocated |^(Passed|Failed)!'

# Runs the targets within their tests; what is in the environment says for how long, or what was found elsewhere.
within_tests() {
  local code=0
  for project in Core.Tests Grains.Tests; do
    dotnet test "tests/$project" -c Release ${MICROSPARK_FUZZ_BUILT:+--no-build} --filter "$tests${1:+&FullyQualifiedName~$1}" \
      --logger "console;verbosity=detailed" -- xUnit.MaxParallelThreads=1 | { grep -E "$said" || true; } || code=1
  done
  git status --short tests/Corpus
  return $code
}

if [ -z "$coverage" ]; then
  count=$(grep -rhoE 'Fuzzing\.Run\(' tests/*.Tests --include=*Tests.cs | wc -l)
  [ -z "$wanted" ] || count=1
  export MICROSPARK_FUZZ_SECONDS=$((minutes * 60 / count))
  within_tests "$wanted"
  exit
fi

command -v afl-fuzz > /dev/null || {
  echo "AFL++ is missing. Install it, for example: sudo apt-get install afl++" >&2
  echo "Or mutate without looking at the code that is reached: ./eng/fuzz.sh --without-coverage $*" >&2
  exit 1
}
work=$PWD/artifacts/fuzz
mkdir -p "$work"
[ -x "$work/tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$work/tools"
[ -n "${MICROSPARK_FUZZ_BUILT:-}" ] || for project in tests/Core.Tests tests/Grains.Tests eng/fuzz; do
  dotnet build "$project" -c Release -v quiet -clp:NoSummary
done

# A folder of its own for each project's tests, without the list of what belongs to them: then the runtime takes whatever lies there.
rm -rf "$work/bin" "$work/seeds" "$work/out" "$work/found"
for project in Core.Tests Grains.Tests; do
  here=$work/bin/$project
  mkdir -p "$here"
  cp -r "artifacts/bin/$project/release/." "$here"
  cp artifacts/bin/Harness/release/{MicroSpark.Fuzz,SharpFuzz,SharpFuzz.Common}.dll "$here"
  cp "$here/MicroSpark.$project.runtimeconfig.json" "$here/MicroSpark.Fuzz.runtimeconfig.json"
  rm -f "$here"/*.deps.json
  for part in MicroSpark.Core MicroSpark.Grains; do
    [ ! -e "$here/$part.dll" ] || "$work/tools/sharpfuzz" "$here/$part.dll"
  done
  dotnet "$here/MicroSpark.Fuzz.dll" "$here/MicroSpark.$project.dll" --seeds "$work/seeds/$project"
done

mapfile -t all < <(cd "$work/seeds" && ls -d -- */*"$wanted"*)
[ "${#all[@]}" -gt 0 ] || { echo "No target has '$wanted' in its name." >&2; exit 2; }
seconds=$((minutes * 60 / ${#all[@]}))

# One core is enough, nobody watches, and a crash of .NET is told by SharpFuzz, not by a core file.
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FORKSRV_INIT_TMOUT=60000
for one in "${all[@]}"; do
  project=${one%%/*} target=${one##*/}
  seeds=$work/seeds/$one
  cp tests/Corpus/"$target"/*.bin "$seeds" 2> /dev/null || true
  find "$seeds" -empty -type f -delete
  out=$work/out/$target
  mkdir -p "$out"
  timeout --kill-after=10s $((seconds + 90)) afl-fuzz -V "$seconds" -i "$seeds" -o "$out" -t 5000 -m none -- \
    dotnet "$work/bin/$project/MicroSpark.Fuzz.dll" "$work/bin/$project/MicroSpark.$project.dll" "$target" > "$out/log.txt" 2>&1 \
    || { echo "$target: afl-fuzz ended badly"; tail -n 5 "$out/log.txt"; }
  awk -F' *: *' -v t="$target" '{ v[$1] = $2 } END { printf "%s: %s inputs in %s s, %s of them reached new code, %s of the map, %s crashes, %s hangs\n", t,
    v["execs_done"], v["run_time"], v["corpus_found"], v["bitmap_cvg"], v["saved_crashes"], v["saved_hangs"] }' "$out/default/fuzzer_stats" 2> /dev/null || true
  mkdir -p "$work/found/$target"
  find "$out/default" \( -path '*/queue/id*' -o -path '*/crashes/id*' -o -path '*/hangs/id*' \) -type f -exec cp -t "$work/found/$target" {} + 2> /dev/null || true
done

# The same bytes in the tests as they are, without coverage: what breaks a reader there is a fault, and stays in the corpus.
export MICROSPARK_FUZZ_FOUND=$work/found MICROSPARK_FUZZ_BUILT=1
within_tests ""
