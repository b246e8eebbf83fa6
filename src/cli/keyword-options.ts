import type { DaemonOptions } from './daemon-client.js';

export interface KeywordOptions extends DaemonOptions {
  readonly model?: string;
  readonly stateDirectory?: string;
}

export interface AddOptions extends KeywordOptions {
  readonly name?: string;
  readonly language?: string;
  readonly recordings?: string;
  readonly record?: number;
  readonly recorder?: string;
  readonly device?: string;
  readonly quick?: boolean;
  readonly anyway?: boolean;
}
