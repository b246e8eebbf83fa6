import { RawPcmConverter } from '../../src/audio/index.js';
import { Dct } from '../../src/features/dct.js';
import { RealFft } from '../../src/features/fft.js';
import { FrameStream, Mfcc } from '../../src/features/index.js';
import { melBank, melLevels } from '../../src/features/mel.js';
import { compress } from '../../src/gate/compress.js';
import { GatedFront } from '../../src/gate/gated-front.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import { LayerStack } from '../../src/gate/layer-stack.js';
import { LevelGate } from '../../src/gate/level-gate.js';
import type { FrontLayer, ModelPack } from '../../src/model/index.js';

/** One stage of the always-on path, alone. */
export interface StageWork {
  readonly name: string;
  /** All of the audio; or as many handoffs as it has seconds. */
  readonly work: () => void;
  /** Per second of audio, or per handoff: multiply-accumulates, and bytes in and out of it. */
  readonly macs: number;
  readonly bytes: number;
  /** When it runs: always, for hops that become frames, or for handoffs. */
  readonly runs: 'always' | 'frames' | 'handoffs';
}

/** 80 ms, as a stream comes in. */
const CHUNK = 1280;

/**
 * The stages of the always-on path, each on what it would be given of `samples`.
 *
 * @param samples whole seconds
 */
export async function stagesOf(pack: ModelPack, samples: Int16Array): Promise<StageWork[]> {
  const { features, compression, handoff } = pack;
  const { sampleRate, hopSamples, windowSamples, melBands, coefficients } = features;
  const hops = samples.length / hopSamples;
  const hopsPerSecond = sampleRate / hopSamples;
  const stepsPerSecond = hopsPerSecond / 2;

  const converter = await RawPcmConverter.create({ rate: sampleRate, channels: 1, channel: 0 });
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const levelGate = new LevelGate(50);
  const shut = new FrameStream(features, { push: () => false, reset: () => {} });
  const none = new Float32Array(50 * coefficients);

  const mfcc = new Mfcc(features);
  const fft = new RealFft(windowSamples);
  const power = new Float64Array(windowSamples / 2);
  const bank = melBank(melBands, windowSamples, sampleRate);
  const levels = new Float64Array(melBands);
  const dct = new Dct(melBands, coefficients);
  const frames = new Float32Array(hops * coefficients);
  const lead = windowSamples - hopSamples;
  const padded = new Int16Array(lead + samples.length);
  padded.set(samples, lead);
  for (let hop = 0; hop < hops; hop++) mfcc.compute(padded, hop * hopSamples, frames, hop * coefficients);
  const cepstrum = new Float32Array(coefficients);

  const front = new LayerStack(pack.front);
  const head = new LayerStack(pack.gate.head);
  const activations = activationsOf(pack, frames);
  const stepActivations = new Float32Array(compression.channels);
  const row = new Uint8Array(compression.channels);
  const steps = activations.length / compression.channels;

  const encoder = new HandoffEncoder(compression, pack.fingerprint, handoff.windowSteps);
  const window = windowOf(pack, frames);
  const handoffs = Math.round(samples.length / sampleRate);

  const eachHop = (work: (hop: number) => void) => () => {
    for (let hop = 0; hop < hops; hop++) work(hop);
  };
  const eachStep = (work: (step: number) => void) => () => {
    for (let step = 0; step < steps; step++) work(step);
  };
  const doubles = Float64Array.BYTES_PER_ELEMENT;
  const floats = Float32Array.BYTES_PER_ELEMENT;
  const order = windowSamples / 2;
  return [
    {
      name: 'read: bytes to samples',
      work: () => {
        for (let at = 0; at < bytes.length; at += 2 * CHUNK) {
          converter.push(bytes.subarray(at, at + 2 * CHUNK));
        }
      },
      macs: 0,
      bytes: 2 * 2 * sampleRate,
      runs: 'always',
    },
    {
      name: 'held for the frames to come',
      work: () => {
        for (let at = 0; at < samples.length; at += shut.taken) shut.push(samples, at, none);
      },
      macs: 0,
      bytes: 2 * 2 * sampleRate,
      runs: 'always',
    },
    {
      name: 'level gate',
      work: eachHop((hop) => levelGate.push(samples, hop * hopSamples, hopSamples)),
      macs: sampleRate,
      bytes: 2 * sampleRate,
      runs: 'always',
    },
    {
      name: 'MFCC, all of it',
      work: eachHop((hop) => mfcc.compute(padded, hop * hopSamples, cepstrum, 0)),
      macs: hopsPerSecond * mfcc.macs,
      bytes:
        hopsPerSecond *
        (2 * windowSamples + doubles * (windowSamples + bank.weights.length + melBands * coefficients)),
      runs: 'frames',
    },
    {
      name: '– of which FFT and power',
      // What it works on is overwritten, so that it is written again each time.
      work: eachHop((hop) => {
        for (let i = 0; i < order; i++) fft.re[i] = fft.im[i] = hop + i;
        fft.powerSpectrum(power);
      }),
      macs: hopsPerSecond * fft.multiplications,
      // Points and twiddles in, powers out.
      bytes: hopsPerSecond * doubles * order * (2 + 2 + 1 + 1),
      runs: 'frames',
    },
    {
      name: '– of which mel bands and logarithm',
      work: eachHop(() => melLevels(bank, power, levels)),
      macs: hopsPerSecond * bank.weights.length,
      bytes: hopsPerSecond * doubles * (order + bank.weights.length + melBands),
      runs: 'frames',
    },
    {
      name: '– of which DCT',
      work: eachHop(() => dct.transform(levels, cepstrum, 0)),
      macs: hopsPerSecond * melBands * coefficients,
      bytes: hopsPerSecond * (doubles * melBands * (1 + coefficients) + floats * coefficients),
      runs: 'frames',
    },
    {
      name: 'front half',
      work: eachHop((hop) => front.push(frames, hop * coefficients)),
      macs: hopsPerSecond * front.macsPerRow,
      bytes: stepsPerSecond * floats * weightsOf(pack.front) + hopsPerSecond * floats * coefficients,
      runs: 'frames',
    },
    {
      name: 'gate head',
      work: eachStep((step) => head.push(activations, step * compression.channels)),
      macs: stepsPerSecond * head.macsPerRow,
      // Of its layers only the first hears every step: the others have half as many.
      bytes: (stepsPerSecond / 2) * floats * weightsOf(pack.gate.head),
      runs: 'frames',
    },
    {
      name: 'compression',
      work: eachStep((step) => {
        for (let c = 0; c < compression.channels; c++) {
          stepActivations[c] = activations[step * compression.channels + c];
        }
        compress(compression, stepActivations, row, 0);
      }),
      macs: stepsPerSecond * compression.channels,
      bytes: stepsPerSecond * compression.channels * (2 * floats + 1),
      runs: 'frames',
    },
    {
      name: 'handoff, each',
      work: () => {
        for (let n = 0; n < handoffs; n++) encoder.encode({ streamId: 0, step: n, endSample: n }, window);
      },
      macs: 0,
      bytes: window.length + encoder.encode({ streamId: 0, step: 0, endSample: 0 }, window).length,
      runs: 'handoffs',
    },
  ];
}

function weightsOf(layers: readonly FrontLayer[]): number {
  return layers.reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0);
}

/** What the gate head and the compression are given, [steps, channels]. */
function activationsOf(pack: ModelPack, frames: Float32Array): Float32Array {
  const front = new GatedFront(pack);
  const rows: Float32Array[] = [];
  for (let at = 0; at < frames.length; at += pack.features.coefficients) {
    if (front.push(frames, at)) rows.push(front.activations.slice());
  }
  const activations = new Float32Array(rows.length * pack.compression.channels);
  for (const [i, row] of rows.entries()) activations.set(row, i * pack.compression.channels);
  return activations;
}

/** The last window of the audio as it would be handed over, [windowSteps, channels]. */
function windowOf(pack: ModelPack, frames: Float32Array): Uint8Array {
  const front = new GatedFront(pack);
  for (let at = 0; at < frames.length; at += pack.features.coefficients) front.push(frames, at);
  const window = new Uint8Array(pack.handoff.windowSteps * pack.compression.channels);
  front.copyWindow(window);
  return window;
}
