import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** From dist/bench/echo/. */
const SOURCE = fileURLToPath(new URL('../../../bench/echo/cancel.cpp', import.meta.url));

/** @returns the path of the program. It needs g++, libwebrtc-audio-processing-dev and libspeexdsp-dev, as Debian 12 has them. */
export function buildCanceller(): string {
  const program = join(mkdtempSync(join(tmpdir(), 'wakegate-echo-')), 'cancel');
  const include = '-I/usr/include/webrtc_audio_processing';
  const flags = ['-O2', '-DWEBRTC_POSIX', '-DWEBRTC_LINUX', '-DWEBRTC_AUDIO_PROCESSING_ONLY_BUILD'];
  execFileSync('g++', [...flags, include, SOURCE, '-o', program, '-lwebrtc_audio_processing', '-lspeexdsp']);
  return program;
}

/** What is left of the microphone's sound without that of the loudspeaker. Both at 16 kHz. */
export async function withoutEcho(
  program: string,
  microphone: Int16Array,
  played: Int16Array,
  method: 'webrtc' | 'speex',
): Promise<Int16Array> {
  const both = new Int16Array(2 * microphone.length);
  for (let i = 0; i < microphone.length; i++) {
    both[2 * i] = microphone[i];
    both[2 * i + 1] = played[i];
  }
  const child = spawn(program, [method], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(Buffer.from(both.buffer));
  const bytes = await buffer(child.stdout);
  return new Int16Array(new Uint8Array(bytes).buffer);
}
