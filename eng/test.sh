#!/usr/bin/env bash
# The one test command: brings PostgreSQL and Chromium when they are missing, builds with warnings as errors, checks the format, runs every test.
# The last line is always "N passed, N failed" (", N skipped" when there are any); the exit code is 0 only if all that ran passed.
#
#   ./eng/test.sh                       everything
#   ./eng/test.sh Core.Tests            only the named projects under tests/
#   MICROSPARK_TEST_JOBS=1 ./eng/test.sh   one test project at a time (two by default)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Nothing that this script starts outlives it, but a report that is stopped after half a minute: no compiler server, no waiting MSBuild nodes,
# no telemetry.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
results=artifacts/test-results
hang=${MICROSPARK_TEST_HANG:-6m}

step() { printf '\n== %s\n' "$*" >&2; }

# Ends the run before any test could: the build, the format or the machine is at fault.
stop() {
  printf '%s\n' "$*" >&2
  echo "0 passed, 1 failed"
  exit 1
}

# The cluster tests start a PostgreSQL server of their own in a temporary folder; they need its programs, not a running service.
ensure_postgres() {
  if compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || command -v initdb > /dev/null; then return 0; fi
  [ "$(id -u)" = 0 ] || stop "PostgreSQL's server programs are missing. Install them, for example: sudo apt-get install postgresql"
  command -v apt-get > /dev/null || stop "PostgreSQL's server programs are missing, and there is no apt-get. Install PostgreSQL and try again."
  step "PostgreSQL is missing: installing Debian's packages (no service is started)"
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod +x $policy && made=1
  fi
  local ok=1
  { apt-get update -q \
      && apt-get install -y -q --no-install-recommends postgresql-common \
      && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
      && apt-get install -y -q --no-install-recommends postgresql; } >&2 || ok=
  [ -z "$made" ] || rm -f $policy
  [ -n "$ok" ] || stop "apt-get could not install PostgreSQL: see its messages above."
}

# The tests of the page drive the system's Chromium; nothing is downloaded but Debian's package of it.
ensure_chromium() {
  if [ -n "${MICROSPARK_CHROMIUM:-}" ] || command -v chromium chromium-browser google-chrome > /dev/null; then return 0; fi
  [ "$(id -u)" = 0 ] || stop "Chromium is missing. Install it, for example: sudo apt-get install chromium; or set MICROSPARK_CHROMIUM to its path."
  command -v apt-get > /dev/null || stop "Chromium is missing, and there is no apt-get. Install it, or set MICROSPARK_CHROMIUM to its path."
  step "Chromium is missing: installing Debian's package"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core; } >&2 \
    || stop "apt-get could not install Chromium: see its messages above."
}

# Runs one built test project; leaves its counts in a trx file, its console in a log, its exit code in a third.
run_project() {
  local name=$1 project=$results/$1
  mkdir -p "$project"
  local dll
  dll=$(find "artifacts/bin/$name/release" -maxdepth 1 -name "*.$name.dll" | head -n 1)
  local started=$SECONDS code=0
  if [ -z "$dll" ]; then
    echo "tests/$name was not built" > "$project/log.txt"; code=1
  else
    dotnet test "$dll" --logger "trx;LogFileName=results.trx" --results-directory "$project" \
      --blame-hang-timeout "$hang" --blame-hang-dump-type none > "$project/log.txt" 2>&1 < /dev/null || code=$?
  fi
  echo "$code" > "$project/exit"
  step "$name: exit $code after $((SECONDS - started)) s"
  grep -vE '^(VSTest version|Starting test execution|A total of 1 test files|Results File:|The active test run was aborted|$)' \
    "$project/log.txt" >&2
}

# Adds up one project's counts. A run that crashed, or that reports no failure and still exits non-zero, counts as one failure.
count_project() {
  local project=$results/$1 counters total executed ok bad code
  code=$(cat "$project/exit" 2> /dev/null || echo 1)
  counters=$(grep -o '<Counters [^>]*>' "$project/results.trx" 2> /dev/null | head -n 1)
  number() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<< "$counters"; }
  total=$(number total) executed=$(number executed) ok=$(number passed)
  total=${total:-0} executed=${executed:-0} ok=${ok:-0}
  bad=$((executed - ok))
  if [ "$code" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  # A project with tests of which none was found did not run.
  if [ "$total" = 0 ] && [ "$bad" = 0 ] && grep -rqE '\[(Fact|Theory)' "tests/$1" --include='*.cs'; then bad=1; fi
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
}

if [ $# -gt 0 ]; then projects=("$@"); else mapfile -t projects < <(cd tests && ls -d -- *.Tests/*.csproj | xargs -n 1 dirname); fi
case " ${projects[*]} " in *" Process.Tests "*) ensure_postgres ;; esac
case " ${projects[*]} " in *" Ui.Tests "*) ensure_chromium ;; esac
rm -rf "$results" && mkdir -p "$results"

step "Restore and build, warnings are errors"
dotnet restore MicroSpark.sln --disable-build-servers -v quiet >&2 || stop "The restore failed."
dotnet build MicroSpark.sln -c Release --no-restore --disable-build-servers -v quiet -clp:NoSummary >&2 || stop "The build failed."

step "Format"
dotnet format whitespace . --folder --verify-no-changes --exclude artifacts >&2 \
  || stop "The format differs. Mend it with: dotnet format whitespace . --folder --exclude artifacts"

# Unit projects two at a time; the multi-process tests alone, because they kill processes and watch how soon that is noticed.
running=0
if [ $# = 0 ]; then
  # Half a minute at most, so that it has ended long before the tests have; it is none of the two that are waited for.
  ./eng/vulnerable.sh > "$results/vulnerable.txt" &
  vulnerable=$!
  disown
fi
for name in "${projects[@]}"; do
  [ "$name" != Process.Tests ] || continue
  if [ "$running" -ge "${MICROSPARK_TEST_JOBS:-2}" ]; then wait -n; running=$((running - 1)); fi
  run_project "$name" &
  running=$((running + 1))
done
wait
case " ${projects[*]} " in *" Process.Tests "*) run_project Process.Tests ;; esac

passed=0 failed=0 skipped=0
for name in "${projects[@]}"; do count_project "$name"; done
if [ $((passed + failed)) = 0 ]; then stop "No test ran."; fi

# The Parquet files of other programs, where there are some, beside what DuckDB reads in them: counts as one test.
if [ $# = 0 ]; then
  if [ -d "${MICROSPARK_FOREIGN_FILES:-}" ]; then
    step "Parquet files of others"
    if timeout 300 artifacts/bin/Bench/release/MicroSpark.Bench foreign-files "$MICROSPARK_FOREIGN_FILES" > "$results/foreign-files.txt" 2> /dev/null; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      grep -E '^(DIFFERENT|ERROR)' "$results/foreign-files.txt" >&2
    fi
    tail -n 1 "$results/foreign-files.txt" >&2
  else
    step "No Parquet files of others were read: MICROSPARK_FOREIGN_FILES names no folder"
  fi
fi

# For people: nothing that is found here, or cannot be asked, fails a run.
if [ $# = 0 ]; then
  step "Packages with known vulnerabilities"
  cat "$results/vulnerable.txt" >&2
fi
summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then summary="$summary, $skipped skipped"; fi
step "Total"
echo "$summary"
[ "$failed" = 0 ]
