import { T } from '../strings.js';

/** Samples that come from the browser's microphone. */
export interface Microphone {
  /** In Hz. */
  readonly rate: number;
  onSamples: (samples: Float32Array) => void;
  close(): void;
}

/** Why there is no microphone here, in a sentence for people. */
export class NoMicrophone extends Error {}

/**
 * Opens the browser's microphone, which asks its user.
 *
 * @throws NoMicrophone
 */
export async function openMicrophone(): Promise<Microphone> {
  // Browsers give it to pages only that come over https, or from this machine.
  if (navigator.mediaDevices === undefined) throw new NoMicrophone(T.microphone.insecure);
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      // As the daemon hears it: nothing is to be made better on the way.
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (error) {
    const isRefused = (error as DOMException).name === 'NotAllowedError';
    throw new NoMicrophone(isRefused ? T.microphone.refused : T.microphone.none, { cause: error });
  }
  const context = new AudioContext();
  const { content } = document.querySelector<HTMLMetaElement>('meta[name="worklet"]')!;
  await context.audioWorklet.addModule(new URL(content, document.baseURI).href);
  const node = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0 });
  context.createMediaStreamSource(stream).connect(node);
  await context.resume();
  const microphone: Microphone = {
    rate: context.sampleRate,
    onSamples: () => {},
    close() {
      // Some samples may be on their way still.
      node.port.onmessage = null;
      for (const track of stream.getTracks()) track.stop();
      context.close();
    },
  };
  node.port.onmessage = ({ data }) => microphone.onSamples(data);
  return microphone;
}

/** Root mean square, in dBFS; null for silence. */
export function levelOf(samples: Float32Array): number | null {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum === 0 ? null : 10 * Math.log10(sum / samples.length);
}

/** All that was recorded, as one. */
export function joined(blocks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
