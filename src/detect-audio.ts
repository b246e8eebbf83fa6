import { type AudioChunk, FileSource, SAMPLE_RATE } from './audio/index.js';
import type { HandoffClassifier } from './classifier/index.js';
import { bestClock, chooseBasis, EnergyMeter, STAGES } from './energy/index.js';
import { WakegateError } from './errors.js';
import type { ModelPack } from './model/index.js';
import { Listener, type ListenerOptions } from './pipeline.js';
import type { Detected, FileReport, ScoresAt } from './protocol/index.js';
import { hear } from './spotter/hear.js';
import { Tracker } from './spotter/tracker.js';

export interface DetectOptions {
  readonly pack: ModelPack;
  /** Shared by all files; see {@link CLASSIFIER_CAPACITY} for the capacity it needs. */
  readonly classifier: Pick<HandoffClassifier, 'classify' | 'look' | 'ready'>;
  readonly streamId?: number;
  readonly gate?: 'on' | 'off';
  readonly levelGate?: 'on' | 'off';
  readonly secondLook?: 'on' | 'off';
  readonly mfcc?: ListenerOptions['mfcc'];
  /** The only channel of the file to listen to, counted from 1; by default, or with 0, the mean of all. */
  readonly channel?: number;
  /** To which what it cost is added in the end. */
  readonly total?: EnergyMeter;
  /** Receives the scores at every position that the classifier has judged. */
  readonly onScores?: (scores: ScoresAt) => void;
  /** Whether the report is to have what was thought over time. */
  readonly track?: boolean;
}

/**
 * Handoffs that a file may hand over at a time, its flushed tail included: a classifier needs twice that for
 * each.
 */
export const CLASSIFIER_CAPACITY = 32;

const clock = bestClock();
const basis = chooseBasis();

/**
 * Listens to one file, as fast as it goes, with a stream and an account of its own. A keyword that ends
 * with the last sample is heard.
 *
 * @throws WakegateError as the audio file or the classifier has it
 */
export function detectFile(file: string, options: DetectOptions): Promise<FileReport> {
  return detectAudio(file, new FileSource(file, { channel: options.channel ?? 0 }), options);
}

/**
 * Listens to audio from anywhere as {@link detectFile} does to a file, as fast as it comes.
 *
 * @param file what it is called in the report
 * @throws WakegateError as the audio or the classifier has it
 */
export async function detectAudio(
  file: string,
  chunks: AsyncIterable<AudioChunk> & { readonly warning?: string | null },
  {
    pack,
    classifier,
    streamId = 0,
    gate = 'on',
    levelGate = 'on',
    secondLook = 'on',
    mfcc = 'fast',
    total,
    onScores,
    track = false,
  }: DetectOptions,
): Promise<FileReport> {
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps, clock, basis });
  const stages = { gate, levelGate, secondLook, mfcc };
  const listener = new Listener({ pack, classifier, meter, streamId, ...stages });
  const detections: Detected[] = [];
  const faults: WakegateError[] = [];
  listener.on('detection', ({ keyword, sample, score }) => {
    detections.push({ keyword, time: round(sample / SAMPLE_RATE, 3), score: round(score, 6) });
  });
  listener.on('fault', (fault) => faults.push(fault));
  listener.on('dropped', ({ sample }) => faults.push(droppedFault(file, sample)));

  if (onScores) {
    listener.on('position', ({ sample, scores }) => {
      const named = pack.keywords.map(({ name }, k) => [name, round(scores[k], 6)]);
      onScores({ time: round(sample / SAMPLE_RATE, 3), scores: Object.fromEntries(named) });
    });
  }

  const tracker = track ? new Tracker(listener, pack) : null;
  try {
    // Where a handoff has no answer, nothing can be said of the file.
    await hear(listener, chunks, () => faults.length > 0);
  } finally {
    if (total) addTo(total, meter, listener.account().steps);
  }
  if (faults.length > 0) throw faults[0];

  const { samples, scores, steps, passed, openings, maxScore, handoffs } = listener.account();
  if (samples === 0) throw new WakegateError('WG_AUDIO_EMPTY', `${file} holds no samples: record it again`);
  const { stages: spent } = meter.snapshot();
  return {
    file,
    seconds: round(samples / SAMPLE_RATE, 3),
    detections,
    scores: Object.fromEntries(Object.entries(scores).map(([keyword, score]) => [keyword, round(score, 6)])),
    gate: { steps, passed, openings, maxScore: round(maxScore, 6) },
    handoffs,
    cpuMs: {
      features: round(spent.features.cpuMs, 3),
      gate: round(spent.gate.cpuMs, 3),
      handoff: round(spent.handoff.cpuMs, 3),
      classifier: round(spent.classifier.cpuMs, 3),
      secondLook: round(spent.secondLook.cpuMs, 3),
    },
    ...(chunks.warning && { warning: chunks.warning }),
    ...(tracker && { track: tracker.track() }),
  };
}

function addTo(total: EnergyMeter, meter: EnergyMeter, steps: number): void {
  const { stages } = meter.snapshot();
  for (const name of STAGES) total.add(name, stages[name]);
  total.heard(steps);
}

function droppedFault(file: string, sample: number): WakegateError {
  const place = `at ${(sample / SAMPLE_RATE).toFixed(1)} s of ${file}`;
  return new WakegateError(
    'WG_BUSY',
    `the classifier had no room for what was heard ${place}: give it a higher capacity, or fewer files at a time`,
  );
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
