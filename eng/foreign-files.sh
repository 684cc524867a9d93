#!/usr/bin/env bash
# Reads the Parquet files below a folder with row types made from their schemas, every column alone and all together, and compares what comes
# with what DuckDB reads. Lists what is refused, by feature. The exit code is 0 only if nothing differs.
#
#   ./eng/foreign-files.sh FOLDER
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# = 1 ] || { echo "Name a folder with Parquet files." >&2; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
exec dotnet run -c Release --project bench -- foreign-files "$1"
