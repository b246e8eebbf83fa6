/** Sound of one channel, between -1 and 1. */
export interface Sound {
  readonly samples: Float32Array;
  /** In Hz. */
  readonly rate: number;
}

/** Reads a WAV file as the daemon writes them: 16 bits, one channel. Null for any other. */
export function readWav(file: ArrayBuffer): Sound | null {
  const view = new DataView(file);
  if (file.byteLength < 44 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') return null;
  let rate = 0;
  for (let at = 12; at + 8 <= file.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    if (tag(view, at) === 'fmt ') {
      const isOurs = view.getUint16(at + 8, true) === 1 && view.getUint16(at + 10, true) === 1;
      if (!isOurs || view.getUint16(at + 22, true) !== 16) return null;
      rate = view.getUint32(at + 12, true);
    } else if (tag(view, at) === 'data' && rate > 0) {
      const bytes = Math.min(size, file.byteLength - at - 8);
      const samples = new Float32Array(bytes >> 1);
      for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(at + 8 + 2 * i, true) / 32_768;
      return { samples, rate };
    }
    at += 8 + size + (size & 1);
  }
  return null;
}

/** A WAV file of one channel with 16 bits. */
export function writeWav({ samples, rate }: Sound): Blob {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const write = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  };
  write(0, 'RIFF');
  view.setUint32(4, 36 + 2 * samples.length, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++) {
    const clamped = Math.max(-1, Math.min(1, samples[i]));
    view.setInt16(44 + 2 * i, Math.round(clamped * 32_767), true);
  }
  return new Blob([view.buffer], { type: 'audio/wav' });
}

/** Any sound that the browser can decode; ours without its help, so that the samples are as they were. */
export async function decode(file: Blob): Promise<Sound> {
  const bytes = await file.arrayBuffer();
  const ours = readWav(bytes);
  if (ours !== null) return ours;
  const context = new OfflineAudioContext(1, 1, 16_000);
  const decoded = await context.decodeAudioData(bytes);
  return { samples: decoded.getChannelData(0), rate: decoded.sampleRate };
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)));
}
