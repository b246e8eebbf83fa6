import { kindOfSamples } from './raw-kinds.js';

/** What a file of audio begins with, where raw samples are wanted. Raw sound hardly ever begins so. */
const FILES: readonly (readonly [what: string, start: RegExp])[] = [
  ['a WAV file', /^(RIFF|RF64|BW64)....WAVE/s],
  ['WebM or Matroska', /^.E\xdf\xa3/s],
  ['Ogg', /^OggS/],
  ['FLAC', /^fLaC/],
  ['an MP3 file with tags', /^ID3./s],
  ['MP4 or M4A', /^....ftyp/s],
  ['AIFF', /^FORM....AIF/s],
  ['text', /^[{[] ?["{[]/],
];

/** As many bytes as it takes to tell other samples from those of 16 bits. */
const SAMPLES_BYTES = 1024;

/**
 * Looks at the beginning of what should be raw 16-bit samples, for what people send by mistake.
 */
export class RawCheck {
  #start: Uint8Array = new Uint8Array(0);
  #isDone = false;

  /** @returns what it is in place of raw 16-bit samples, for a sentence; null where nothing speaks against them */
  push(bytes: Uint8Array): string | null {
    if (this.#isDone) return null;
    const wanted = bytes.subarray(0, Math.max(0, SAMPLES_BYTES - this.#start.length));
    this.#start = Buffer.concat([this.#start, wanted]);
    if (this.#start.length < 12) return null;
    const text = Buffer.from(this.#start.subarray(0, 16)).toString('latin1');
    const file = FILES.find(([, start]) => start.test(text));
    if (file) return file[0];
    if (isTwoMp3Frames(this.#start)) return 'MP3';
    if (isTwoAdtsFrames(this.#start)) return 'AAC';
    if (this.#start.length < SAMPLES_BYTES) return null;
    if (this.#start.every((byte) => byte === 0)) {
      this.#start = new Uint8Array(0); // silence says nothing
      return null;
    }
    this.#isDone = true;
    return kindOfSamples(this.#start);
  }
}

/** Two frames of MPEG-1 or 2, layer 3, with the same version, layer and rate, one right after the other. */
function isTwoMp3Frames(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || (bytes[1] & 0xe6) !== 0xe2) return false;
  for (let next = 24; next + 4 <= bytes.length && next <= 1044; next++) {
    if (bytes[next] === 0xff && bytes[next + 1] === bytes[1] && ((bytes[next + 2] ^ bytes[2]) & 0x0c) === 0) {
      const length = frameLength(bytes);
      if (length > 0 && (next === length || next === length + 1)) return true;
    }
  }
  return false;
}

/** Two frames of AAC in ADTS (ISO 13818-7), one right after the other. */
function isTwoAdtsFrames(bytes: Uint8Array): boolean {
  const isFrame = (at: number) => bytes[at] === 0xff && (bytes[at + 1] & 0xf6) === 0xf0;
  if (!isFrame(0)) return false;
  const length = ((bytes[3] & 3) << 11) | (bytes[4] << 3) | (bytes[5] >> 5);
  return length >= 7 && length + 2 <= bytes.length && isFrame(length);
}

function frameLength(header: Uint8Array): number {
  const isMpeg1 = (header[1] & 0x18) === 0x18;
  const kbits = isMpeg1
    ? [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
    : [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];
  const rates = isMpeg1 ? [44_100, 48_000, 32_000, 0] : [22_050, 24_000, 16_000, 0];
  const rate = rates[(header[2] >> 2) & 3];
  return rate === 0 ? 0 : Math.floor(((isMpeg1 ? 144 : 72) * 1000 * kbits[header[2] >> 4]) / rate);
}
