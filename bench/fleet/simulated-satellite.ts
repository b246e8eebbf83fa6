import { pino } from 'pino';
import { type BrokerSettings, Complaints } from '../../src/broker/index.js';
import { Detector } from '../../src/classifier/index.js';
import { Judge } from '../../src/classifier/judge.js';
import type { Connect } from '../../src/fleet/fleet-connection.js';
import { RemoteClassifier } from '../../src/fleet/remote-classifier.js';
import { noRemoteCounts } from '../../src/fleet/remote-counts.js';
import { Satellite } from '../../src/fleet/satellite.js';
import { fingerprintText, fleetTopicsOf } from '../../src/fleet/topics.js';
import type { ModelPack } from '../../src/model/index.js';
import type { HandoffStream } from './streams.js';

export const TOPICS = fleetTopicsOf({ fleetPrefix: 'wakegate-fleet' });

/** What came of a stream that was played. */
export interface Played {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly told: {
    readonly keyword: string;
    readonly sample: number;
    readonly score: number;
    readonly atMs: number;
  }[];
  readonly faults: string[];
}

/** A satellite of recorded handoffs: its connection, its classifier and its detector are the real ones. */
export class SimulatedSatellite {
  readonly counts = noRemoteCounts();
  readonly satellite: Satellite;
  readonly classifier: RemoteClassifier;
  readonly #pack: ModelPack;

  constructor(
    pack: ModelPack,
    broker: BrokerSettings,
    name: string,
    { group = null, connect }: { group?: string | null; connect?: Connect } = {},
  ) {
    this.#pack = pack;
    this.satellite = new Satellite({
      broker,
      ...(connect && { connect }),
      topics: TOPICS,
      name,
      room: name,
      group,
      complaints: new Complaints(pino({ level: 'silent' })),
      counts: () => ({
        ...this.counts,
        own: 0,
        duplicates: this.satellite.duplicates,
        detections: 0,
        outvoted: 0,
      }),
    });
    this.classifier = new RemoteClassifier({ pack, carrier: this.satellite, counts: this.counts });
    this.satellite.usePack(pack.name, fingerprintText(pack.fingerprint));
    this.satellite.start();
  }

  /** Hands over what was recorded, at the pace of the sound, and detects in the answers. */
  async play(stream: HandoffStream): Promise<Played> {
    const { keywords, detector, features, back } = this.#pack;
    const beganMs = performance.now();
    const told: Played['told'] = [];
    const faults: string[] = [];
    const spacing = back.positionSteps * 2 * features.hopSamples;
    const judge = new Judge(
      new Detector(keywords, detector, features.sampleRate),
      null,
      { positions: back.positions, classes: keywords.length + 1, spacing },
      {
        onPosition: () => {},
        onDetection: ({ keyword, sample, score }) =>
          told.push({ keyword, sample, score, atMs: performance.now() }),
        onVerdict: () => {},
        onFault: () => {},
        onLooking: () => {},
      },
    );
    const answers = stream.handoffs.map(async ({ atMs, message }) => {
      await until(beganMs + atMs);
      try {
        const answer = await this.classifier.classify(message);
        if (answer) judge.push({ answer, begin: 0, sound: null, sent: null });
      } catch (error) {
        faults.push((error as Error).message);
      }
    });
    await Promise.all([...answers, until(beganMs + stream.lengthMs)]);
    return { beganMs, endedMs: performance.now(), told, faults };
  }

  async stop(): Promise<void> {
    await this.classifier.close();
    await this.satellite.stop();
  }
}

export function until(atMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - performance.now())));
}

/** Resolves when all are connected, and know a worker. */
export async function allUp(satellites: readonly SimulatedSatellite[], workers: number): Promise<void> {
  while (!satellites.every(({ satellite }) => satellite.isUp && satellite.workers.size >= workers)) {
    await until(performance.now() + 100);
  }
}

/** Words that were told as one machine tells them, not at all, and more than once. */
export function compare(stream: HandoffStream, { told }: Played): { lost: number; twice: number } {
  const right = told.filter(({ keyword }) => keyword === stream.detections[0]?.keyword).length;
  return {
    lost: Number(stream.detections.length > 0 && right === 0),
    twice: Math.max(0, told.length - stream.detections.length),
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
