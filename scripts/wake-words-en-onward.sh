#!/usr/bin/env bash
# Makes the pack wake-words-en better, from the pack itself and more recordings than its first ones (docs/reference/training.md says why
# and how). The pack's weights are all that is needed of the runs that made it. Interrupted, it continues where it was when you call it
# again. How long each part took is in .cache/took.txt.
#
#   npx wakegate train recordings --out data \
#     --held-out kathleen,kerstin,alphanumeric,arabic-commands,gcompris,tuxpaint,warzone-music
#   bash scripts/wake-words-en-onward.sh data [FOLDER]
#
# PARTS="gate second" is what is trained: only the gate with PARTS=gate. SEED is that of both.
set -euo pipefail
more=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-models/wake-words-en}
parts=" ${PARTS:-gate second} "
seed=${SEED:-7}
# A folder of keywords by synthesized voices, as `train speak --by kokoro` makes them: the pack had some, and can do without.
voices=()
[ -n "${KOKORO:-}" ] && voices=("$(realpath "$KOKORO")")

train() { node dist/src/cli/main.cjs train "$@"; }

took() {
  local start=$SECONDS
  "${@:2}"
  echo "$1: $(((SECONDS - start + 30) / 60)) min" | tee -a .cache/took.txt
}

npm run --silent build
mkdir -p .cache
took "prepare" train prepare
WAKEGATE_DATA=$more took "prepare more" train prepare --cache .cache/more
# Once: $out may be the same pack.
[ -e .cache/shipped/averaged.bin ] || train restart models/wake-words-en --run .cache/shipped
[ -e .cache/second-shipped/averaged.bin ] || train second restart models/wake-words-en --run .cache/second-shipped
export TF_NUM_INTRAOP_THREADS=1

# The gate alone, at the same time: it needs little more than a thread that makes sound for it.
gate() {
  [[ $parts == *" gate "* ]] || return 0
  took "gate" train heads --gate-only --trunk .cache/shipped --init .cache/shipped/averaged.bin --run ".cache/gate-$seed" \
    --more "$more" "${voices[@]}" --without-voices --narrow 0.22 --learning-rate 0.001 --steps 1500 --seed "$seed"
}
second() {
  [[ $parts == *" second "* ]] || return 0
  [ -e .cache/mistakes.json ] ||
    took "mistakes" train second mistakes --model models/wake-words-en --out .cache/mistakes --more "$more"
  took "second trunk" train second trunk --init .cache/second-shipped --run ".cache/second-trunk-$seed" --more "$more" \
    --learning-rate 0.002 --steps 5500 --seed "$seed"
  took "second words" train second words --trunk ".cache/second-trunk-$seed" --head .cache/second-shipped/averaged.bin \
    --run ".cache/second-words-$seed" --more "$more" "${voices[@]}" --mistakes .cache/mistakes --without-voices --head-steps 60 \
    --steps 1500 --seed "$seed"
}
gate &
second
wait $!

# What was not trained is as shipped.
run_of() { [[ $parts == *" $1 "* ]] && echo ".cache/$2-$seed" || echo ".cache/$3"; }
took "export" train export --run "$(run_of gate gate shipped)" --trunk .cache/shipped --more "$more" --as-counted --false-stops 0 \
  --noisy-false-stops 0.02 --false-accepts 0.5 --made '{"recipe":"scripts/wake-words-en-onward.sh"}' --out "$out"
took "second look" train second add --model "$out" --run "$(run_of second second-words second-shipped)" \
  --trunk "$(run_of second second-trunk second-shipped)" --more "$more" --per-hour 0.5 --weight 1.3
