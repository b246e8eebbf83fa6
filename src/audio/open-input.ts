import { FileSource, type FileSourceOptions } from './file-source.js';
import { type MicrophoneOptions, MicrophoneSource } from './microphone/microphone-source.js';
import type { AudioSource } from './source.js';
import { StdinSource, type StdinSourceOptions } from './stdin-source.js';

export interface InputOptions {
  readonly microphone?: MicrophoneOptions;
  readonly stdin?: StdinSourceOptions;
  readonly file?: FileSourceOptions;
}

/**
 * The source that a user names: `mic` for the microphone, `-` for raw audio on stdin, anything else for a file.
 *
 * @throws WakegateError WG_USAGE for options that make no sense; other faults come when the source is iterated
 */
export function openInput(spec: string, options: InputOptions = {}): AudioSource {
  if (spec === 'mic') return new MicrophoneSource(options.microphone);
  if (spec === '-') return new StdinSource(process.stdin, options.stdin);
  return new FileSource(spec, options.file);
}
