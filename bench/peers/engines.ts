/** What is compared, as it is used and started. */
export interface EngineDescription {
  readonly name: string;
  /** File in adapters/. */
  readonly adapter: string;
  /** Words that it can be made to hear, of those that are compared. */
  readonly words: readonly string[];
  /** Given to the adapter. Where the engine does not report its scores, it is the documented sensitivity or threshold. */
  readonly setting: number | null;
  /** Settings that are tried as well, where scores are not reported. */
  readonly otherSettings: readonly number[];
  /** Documented threshold of its scores; null where its own detections are counted. */
  readonly threshold: number | null;
  /** Is taught the word by recordings of it. */
  readonly isTaught?: boolean;
  /** Hears no words: only what it costs is compared. */
  readonly isVad?: boolean;
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

export const WORDS = ['alexa', 'jarvis', 'computer'] as const;
/** What all of them can hear. */
export const COMMON_WORD = 'alexa';

const UNGATED =
  'the classifier is the same, but other sound reaches it: no gate of ours stops a word, or fewer windows are handed over';

export const ENGINES: readonly EngineDescription[] = [
  {
    name: 'wakegate',
    adapter: 'wakegate.js',
    words: WORDS,
    setting: null,
    otherSettings: [],
    threshold: null,
    startsAsWakegate: true,
    how: 'all eight words on, thresholds of the pack',
    why: {},
  },
  {
    name: 'wakegate, gate off',
    adapter: 'wakegate.js',
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
    adapter: 'vad-gated.js',
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
    adapter: 'vad-gated.js',
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
    adapter: 'openwakeword.js',
    words: ['alexa', 'jarvis'],
    setting: null,
    otherSettings: [],
    threshold: 0.5,
    how: 'v0.1 models on onnxruntime-node, one thread, threshold 0.5; its "hey jarvis" for jarvis',
    why: { hearing: 'it runs the whole speech embedding that our trunk is a small copy of, all the time' },
  },
  {
    name: 'microWakeWord',
    adapter: 'microwakeword.py',
    words: ['alexa', 'jarvis'],
    setting: null,
    otherSettings: [],
    threshold: 0.9,
    how: 'TensorFlow Lite from Python, cut-offs 0.9 (alexa) and 0.97 (its "hey jarvis", for jarvis)',
    why: {
      hearing: 'its model is for one word alone, and was trained on very many synthetic voices that say it',
      CPU: 'it is one small quantized model for each word, while our classifier is large and is awake while the gate is open',
      memory: 'it is one small model in a C library, called from Python, without the heap of V8',
    },
  },
  {
    name: 'Porcupine 1.9',
    adapter: 'porcupine.js',
    words: WORDS,
    setting: 0.5,
    otherSettings: [0.75, 0.9],
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
    name: 'node-personal-wakeword',
    adapter: 'personal-wakeword.js',
    words: [COMMON_WORD],
    setting: 0.5,
    otherSettings: [0.45, 0.55],
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
    adapter: 'vad-alone.js',
    words: [],
    setting: 1,
    otherSettings: [],
    threshold: null,
    isVad: true,
    how: 'v5 on onnxruntime-node: no words, only speech or not',
    why: { CPU: 'it tells speech from the rest, and hears no words' },
  },
];

/** Its documented cut-offs differ by word. */
export function thresholdOf(engine: EngineDescription, word: string): number | null {
  return engine.name === 'microWakeWord' && word === 'jarvis' ? 0.97 : engine.threshold;
}
