#!/usr/bin/env bash
# Makes the packages: MicroSpark (with its parts MicroSpark.Core and MicroSpark.Grains), MicroSpark.Hosting, MicroSpark.Testing,
# MicroSpark.Aspire.Hosting, MicroSpark.Tool and MicroSpark.Templates, and the symbols of each library; beside them what they are made of
# (eng/sbom.sh). Their version is that of Directory.Build.props.
#
#   ./eng/pack.sh                      into artifacts/packages
#   ./eng/pack.sh FOLDER               into FOLDER, which a program names as a source: dotnet nuget add source FOLDER
#   ./eng/pack.sh FOLDER --no-build    what has been built with -c Release already
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
# The same source gives the same bytes: files carry the time of the commit, or of long ago where there is no clone.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 315619200)}
folder=artifacts/packages
case "${1:-}" in '' | -*) ;; *) folder=$1; shift ;; esac

dotnet pack MicroSpark.sln -c Release -o "$folder" --disable-build-servers -v quiet -clp:NoSummary "$@"
[[ " $* " == *" --no-build "* ]] || ./eng/sbom.sh "$folder"
ls "$folder"
