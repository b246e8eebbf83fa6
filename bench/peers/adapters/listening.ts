import { Classifier } from '../../../src/classifier/index.js';
import { EnergyMeter } from '../../../src/energy/index.js';
import { type ModelPack, readPack, resolvePack } from '../../../src/model/index.js';
import { Listener } from '../../../src/pipeline.js';
import type { EngineOptions } from '../protocol.js';
import type { Hearing } from '../serve.js';

/** wakegate's pack and classifier, and a listener for each stream. */
export class Wakegate {
  readonly #pack: ModelPack;
  readonly #classifier: Classifier;
  readonly #gate: 'on' | 'off';
  readonly #words: readonly string[];
  readonly #hearing: Hearing;
  #listener: Listener;

  static async open(options: EngineOptions, hearing: Hearing, gate: 'on' | 'off'): Promise<Wakegate> {
    return new Wakegate(await readPack(await resolvePack(options.model)), options.words, hearing, gate);
  }

  private constructor(pack: ModelPack, words: readonly string[], hearing: Hearing, gate: 'on' | 'off') {
    this.#pack = pack;
    this.#classifier = new Classifier({ pack });
    this.#gate = gate;
    this.#words = words;
    this.#hearing = hearing;
    this.#listener = this.#listen();
  }

  /** @param startSample where it is not the one that was due, samples were left out */
  async push(samples: Int16Array, startSample: number): Promise<void> {
    await this.#listener.ready();
    this.#listener.push(samples, startSample);
  }

  async finish(): Promise<void> {
    await this.#listener.ready();
    await this.#listener.finish();
    this.#listener = this.#listen();
  }

  #listen(): Listener {
    const pack = this.#pack;
    const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    const listener = new Listener({ pack, classifier: this.#classifier, meter, gate: this.#gate });
    listener.on('detection', ({ keyword, sample }) => this.#hearing.detected(keyword, sample));
    listener.on('fault', (fault) => {
      throw fault;
    });
    listener.on('secondLook', ({ keyword, sample, score }) => {
      if (this.#words.includes(keyword)) this.#hearing.scored(keyword, sample, score);
    });
    for (const word of this.#words) {
      const k = pack.keywords.findIndex(({ name }) => name === word);
      if (k < 0) continue;
      // What a second look joins is what the threshold is for.
      if (pack.secondLook && Object.hasOwn(pack.secondLook.keywords, word)) continue;
      const lasting = new LastingScore(pack.keywords[k].patience, 2 * positionSamples(pack));
      listener.on('position', ({ sample, scores }) => {
        this.#hearing.scored(word, sample, lasting.push(sample, scores[k]));
      });
    }
    return listener;
  }
}

function positionSamples({ back, features }: ModelPack): number {
  return back.positionSteps * 2 * features.hopSamples;
}

/**
 * The score that held for as many positions in a row as a keyword's patience wants: it is over a threshold where the detector would
 * say that the smoothed score has been.
 */
class LastingScore {
  readonly #recent: number[] = [];
  readonly #patience: number;
  readonly #longestStep: number;
  #last = Number.NEGATIVE_INFINITY;

  constructor(patience: number, longestStep: number) {
    this.#patience = patience;
    this.#longestStep = longestStep;
  }

  push(sample: number, score: number): number {
    if (sample - this.#last >= this.#longestStep) this.#recent.length = 0;
    this.#last = sample;
    this.#recent.push(score);
    if (this.#recent.length > this.#patience) this.#recent.shift();
    return this.#recent.length === this.#patience ? Math.min(...this.#recent) : 0;
  }
}
