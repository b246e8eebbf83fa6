#!/usr/bin/env bash
# Makes samples/demo.wav, which the daemon plays where there is no microphone: synthesized voices that say words of the
# pack wake-words-en among others, with pauses. Needs flite, espeak-ng and sox (apt-get install flite espeak-ng sox).
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
# The same noise and no dither each time.
export SOX_OPTS="-R -D"

part() { n=$((n + 1)); printf -v file '%s/%03d.wav' "$work" "$n"; }
mono16k() { part; sox "$1" -r 16000 -c 1 -b 16 "$file" gain -n -6; }
say_flite() { flite -voice "$1" -t "$2" -o "$work/spoken.wav" && mono16k "$work/spoken.wav"; }
say_espeak() { espeak-ng -v "$1" -w "$work/spoken.wav" "$2" && mono16k "$work/spoken.wav"; }
pause() { part; sox -n -r 16000 -c 1 -b 16 "$file" trim 0 "$1"; }

pause 1
say_flite slt "Alexa."
pause 2
say_flite rms "Nobody asked for anything yet."
pause 1.5
say_flite rms "Computer."
pause 2
say_flite slt "It rained all night, and the garden was green again."
pause 1.5
say_flite slt "Jarvis."
pause 2
say_flite awb "Smart mirror."
pause 2
say_flite rms "Nothing to see here."
pause 1
say_flite rms "Snowboy."
pause 2

mkdir -p samples
# A faint noise floor, as a microphone has, seeded so that the file comes out the same.
sox "$work"/0*.wav "$work/joined.wav"
length=$(soxi -D "$work/joined.wav")
sox -R -n -r 16000 -c 1 -b 16 "$work/floor.wav" synth "$length" pinknoise vol 0.002
sox -m -v 0.5 "$work/joined.wav" -v 1 "$work/floor.wav" -b 16 samples/demo.wav
echo "samples/demo.wav: $length s"
