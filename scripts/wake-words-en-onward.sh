#!/usr/bin/env bash
# Continues the first network of the pack wake-words-en on more recordings than its own (docs/reference/training.md says why and how).
# The pack itself is where it begins: its weights are all that is needed of the runs that made it.
# Interrupted, it continues where it was when you call it again.
#
#   npx wakegate train recordings --out data
#   bash scripts/wake-words-en-onward.sh data [FOLDER]
set -euo pipefail
more=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-models/wake-words-en}

train() { node dist/src/cli/main.js train "$@"; }

npm run --silent build
train prepare
WAKEGATE_DATA=$more train prepare --cache .cache/more
# Once: $out may be the same pack.
[ -e .cache/shipped/averaged.bin ] || train restart models/wake-words-en --run .cache/shipped
# What the pack took for keywords in recordings of train: `train second mistakes` collects it, from a pack with a second look.
mistakes=()
[ -e .cache/mistakes.json ] && mistakes=(--mistakes .cache/mistakes)
export TF_NUM_INTRAOP_THREADS=1
train heads --trunk .cache/shipped --init .cache/shipped/averaged.bin --run .cache/onward-a --more "$more" "${mistakes[@]}" \
  --narrow 0.22 --clipped 0.06 --head-steps 0 --learning-rate 0.0008 --steps 1200 --seed 7
train average .cache/shipped .cache/onward-a --run .cache/onward
train export --run .cache/onward --trunk .cache/shipped --more "$more" --as-counted --false-stops 0.007 --noisy-false-stops 0.021 \
  --false-accepts 0.5 --made '{"recipe":"scripts/wake-words-en-onward.sh"}' --out "$out"
