#!/usr/bin/env bash
# Makes a pack of twelve words of Speech Commands, on the trunk of wake-words-en as shipped. docs/reference/training.md says what each
# part does, and how good a shorter run was: the pack in models/speech-commands is an older one, of five words. Interrupted, it continues where it was when you call it again. How long each part took is in
# .cache/sc-took.txt.
#
#   npm ci && npm run tfjs-node && npm run teacher
#   npx wakegate train voices
#   npx wakegate train recordings --out data
#   bash scripts/speech-commands.sh data [FOLDER]
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-models/speech-commands-12}

keywords=bed,cat,happy,left,right,go,up,down,zero,one,five,eight
# The other words of Speech Commands, of which there are few recordings or none.
others=yes,no,on,off,stop,two,three,four,six,seven,nine,bird,dog,house,tree,wow,marvin,sheila,backward,forward,follow,learn,visual

train() { node dist/src/cli/main.js train "$@"; }

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
export TF_NUM_INTRAOP_THREADS=1
took "sc-a" heads sc-a --steps 5000 --seed 3
took "sc-b" heads sc-b --init .cache/sc-a/averaged.bin --head-steps 0 --learning-rate 0.0007 --steps 2000 --seed 5
took "export" train export --run .cache/sc-b --trunk .cache/shipped --keywords "$keywords" --more .cache/sc-words --as-counted \
  --false-stops 0.01 --noisy-false-stops 0.02 --false-accepts 60 \
  --description "English command words: $keywords" --made '{"recipe":"scripts/speech-commands.sh"}' --out "$out"
