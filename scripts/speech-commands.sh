#!/usr/bin/env bash
# Makes the pack speech-commands, of twelve words, on the trunk and the second look of wake-words-en as shipped
# (docs/reference/training.md says what each part does). Interrupted, it continues where it was when you call it again. How long each
# part took is in .cache/sc-took.txt.
#
#   npm ci && npm run tfjs-node && npm run teacher
#   npx wakegate train voices
#   npx wakegate train recordings --out data
#   bash scripts/speech-commands.sh data [FOLDER]
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-models/speech-commands}

keywords=bed,cat,happy,left,right,go,up,down,zero,one,five,eight
# The other words of Speech Commands, of which there are few recordings or none.
others=yes,no,on,off,stop,two,three,four,six,seven,nine,bird,dog,house,tree,wow,marvin,sheila,backward,forward,follow,learn,visual

train() { node dist/src/cli/main.cjs train "$@"; }

took() {
  local start=$SECONDS
  "${@:2}"
  echo "$1: $(((SECONDS - start + 30) / 60)) min" | tee -a .cache/sc-took.txt
}

# The recordings of a folder, with what is synthesized beside them.
gather() {
  mkdir -p .cache/sc-more .cache/sc-words
  [ -e .cache/sc-more/manifest.csv ] || cp "$data/manifest.csv" .cache/sc-more/manifest.csv
  ln -sfn "$data/audio" .cache/sc-more/audio
  speak() { WAKEGATE_DATA=.cache/sc-more train speak "$@"; }
  grep -q '^kokoro/' .cache/sc-more/manifest.csv || speak --by kokoro --keywords zero --clips 100
  grep -q '^synthesized/' .cache/sc-more/manifest.csv || speak --keywords "$others" --clips 24
  # Those of the words alone, to calibrate and measure on.
  sed -n '1p; /,speech-commands-2,/p; /^kokoro\//p; /^synthesized\//p' .cache/sc-more/manifest.csv > .cache/sc-words/manifest.csv
  for folder in audio kokoro synthesized; do ln -sfn "$PWD/.cache/sc-more/$folder" ".cache/sc-words/$folder"; done
}

# Everyday words are in everyday speech, so what is heard there is no hard negative: it may be the word.
heads() {
  train heads --trunk .cache/shipped --keywords "$keywords" --more .cache/sc-more --without-voices --hard 0 --run ".cache/$1" "${@:2}"
}

npm run --silent build
mkdir -p .cache
took "prepare" train prepare
took "gather" gather
[ -e .cache/shipped/averaged.bin ] || train restart models/wake-words-en --run .cache/shipped
[ -e .cache/second-shipped/averaged.bin ] || train second restart models/wake-words-en --run .cache/second-shipped
export TF_NUM_INTRAOP_THREADS=1
took "sc second" train second words --keywords "$keywords" --trunk .cache/second-shipped --more .cache/sc-more --hard 0 --without-voices \
  --head-steps 200 --steps 1500 --seed 3 --run .cache/sc-second &
took "sc-a" heads sc-a --steps 5000 --seed 3
# The gate alone, on more of the other words than a gate for wake words needs.
took "sc-gate" heads sc-gate --gate-only --init .cache/sc-a/averaged.bin --windows 64,56,12,24 --learning-rate 0.001 --steps 1500 --seed 5
wait $!
took "export" train export --run .cache/sc-gate --trunk .cache/shipped --keywords "$keywords" --more .cache/sc-words --as-counted \
  --false-stops 0.01 --noisy-false-stops 0.02 --false-accepts 60 \
  --description "English command words: $keywords" --made '{"recipe":"scripts/speech-commands.sh"}' --out "$out"
took "second look" train second add --model "$out" --run .cache/sc-second --trunk .cache/second-shipped --more .cache/sc-words \
  --false-accepts 120 --lowest 0.62
