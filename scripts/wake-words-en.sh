#!/usr/bin/env bash
# Makes the pack wake-words-en from its recordings (docs/reference/training.md says what each part does): everything is kept in .cache/.
# Interrupted, it continues where it was when you call it again. How long each part took is in .cache/took.txt.
#
#   npm ci && npm run tfjs-node && npm run teacher
#   bash scripts/wake-words-en.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-models/wake-words-en}

train() { node dist/src/cli/main.cjs train "$@"; }

took() {
  local start=$SECONDS
  "${@:2}"
  echo "$1: $(((SECONDS - start + 30) / 60)) min" | tee -a .cache/took.txt
}

# Heads, then the whole network; or continued from another run, at a lower rate.
heads() { train heads --run ".cache/$1" "${@:2}"; }
onward() { heads "$1" --init ".cache/$2/averaged.bin" --head-steps 0 --learning-rate 0.0008 "${@:3}"; }

words() {
  took "words-a" heads words-a --steps 5000
  took "words-b" onward words-b words-a --steps 2000 --seed 11
  train average .cache/words-a .cache/words-b --run .cache/words
}

# Without a third of the speakers each, to count false accepts on them: two of the three, which with dev make 6 h.
folds() {
  for fold in 0 2; do
    took "fold$fold-a" heads "fold$fold-a" --fold "$fold/3" --steps 2000
    took "fold$fold-b" onward "fold$fold-b" "fold$fold-a" --fold "$fold/3" --steps 1500 --seed 11
    train average ".cache/fold$fold-a" ".cache/fold$fold-b" --run ".cache/fold$fold"
  done
}

npm run --silent build
mkdir -p .cache
took "prepare" train prepare
took "trunk" train trunk --steps 12000
# At the same time, each with one thread and one that feeds it: two threads are not twice as fast.
export TF_NUM_INTRAOP_THREADS=1
folds &
words
wait $!
took "export" train export --run .cache/words --folds .cache/fold{0,2} --as-counted --false-stops 0.004 --false-accepts 0.5 \
  --made '{"recipe":"scripts/wake-words-en.sh"}' --out "$out"

# The second look: another network's distillation, its keywords, then again with what the pack is wrong about.
second() { train second "$@"; }
took "second trunk" second trunk --run .cache/second-trunk --steps 6000
took "second words-a" second words --trunk .cache/second-trunk --run .cache/second-a --steps 1500 --head-steps 250
took "second look" second add --model "$out" --run .cache/second-a --trunk .cache/second-trunk
took "mistakes" second mistakes --model "$out" --out .cache/mistakes
took "second words-b" second words --trunk .cache/second-trunk --run .cache/second-b --init .cache/second-a/averaged.bin \
  --head-steps 0 --learning-rate 0.0007 --steps 1600 --mistakes .cache/mistakes
train average .cache/second-a .cache/second-b --run .cache/second
took "second look" second add --model "$out" --run .cache/second --trunk .cache/second-trunk
