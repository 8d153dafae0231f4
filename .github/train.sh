#!/usr/bin/env bash
# Trains on DATA with the words of SETTINGS, which are parted as a shell parts them and never run.
set -euo pipefail
: "${MLFLOW_TRACKING_URI:?is not set: make a secret of this name in the environment \`production\`}"

words=(train --json)
if [ -n "${DATA:-}" ]; then
    words+=(--data "$DATA")
fi
if [ -n "${SETTINGS:-}" ]; then
    parted=$(mktemp)
    xargs -r printf '%s\0' <<<"$SETTINGS" >"$parted"
    mapfile -d '' -t -O "${#words[@]}" words <"$parted"
fi
exec .venv/bin/endeavour "${words[@]}"
