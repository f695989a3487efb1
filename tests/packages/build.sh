#!/usr/bin/env bash
# build.sh DIR: the packages into DIR. Without debugging symbols, which are a third of the compiler's time and no part of what is tested.
set -euo pipefail
[ -z "${ASSAY_PACKAGES:-}" ] || { echo "those in $ASSAY_PACKAGES"; exit 0; }
if ! command -v dh >/dev/null; then echo "SKIPPED: debhelper is not installed; scripts/setup installs it"; exit 77; fi
export DEB_BUILD_OPTIONS=noautodbgsym DEB_CXXFLAGS_STRIP=-g DEB_CFLAGS_STRIP=-g
exec "$(dirname "$0")/../../scripts/package" --out "$1"
