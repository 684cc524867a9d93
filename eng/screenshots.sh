#!/usr/bin/env bash
# Makes the pictures of docs/ui.md: each view of the page, light and dark, of jobs that a test runs. Needs Chromium, as eng/test.sh does.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
mkdir -p docs/images
MICROSPARK_SCREENSHOTS="$PWD/docs/images" dotnet test tests/Ui.Tests -c Release --filter ScreenshotTests
