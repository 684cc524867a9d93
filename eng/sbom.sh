#!/usr/bin/env bash
# Writes what the console, with all that MicroSpark ships in it, is made of: names, versions, hashes and licences of each package, in
# CycloneDX's form. Needs what `dotnet restore` leaves, and the tool that .config/dotnet-tools.json names.
#
#   ./eng/sbom.sh [FOLDER]             into FOLDER/microspark.cdx.json, artifacts/packages by default
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
dotnet tool restore > /dev/null
dotnet tool run dotnet-CycloneDX src/Client/Client.csproj --output "${1:-artifacts/packages}" --filename microspark.cdx.json \
  --output-format Json --no-serial-number --disable-package-restore --set-name MicroSpark --set-version "$version" > /dev/null
echo "${1:-artifacts/packages}/microspark.cdx.json"
