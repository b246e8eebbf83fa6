import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type lpcm16 from 'node-record-lpcm16';
import { asWakegateError, WakegateError } from '../../errors.js';
import type { Recorder } from './find-recorder.js';
import { PipeReader, type PipeTimeouts } from './pipe-reader.js';
import { meaningOf } from './recorder-fault.js';
import { TextStart } from './text-start.js';

const require = createRequire(import.meta.url);

/** The module that node-record-lpcm16 loads. Never built from anything a user gives: it is `require`d. */
const RECORDER_MODULE = fileURLToPath(new URL('./recorder.cjs', import.meta.url));

/** Three pipes with two ends each, and what Node needs while it starts a program. */
const SPAWN_DESCRIPTORS = 10;
const STDERR_LINES = 3;
const STDERR_CHARACTERS = 2000;
/** Between two readings of stderr. */
const STDERR_REST_MS = 50;
/** Far more than the errors of a recorder that works. */
const CHATTER_BYTES = 256 * 1024;
const KILL_AFTER_MS = 1000;

export interface RecorderRequest extends PipeTimeouts {
  readonly recorder: Recorder;
  readonly device: string | undefined;
  /** In Hz. */
  readonly rate: number;
  readonly channels: number;
  /** Audio handed over at once. */
  readonly periodMs: number;
}

export interface RecorderEvents {
  /** Raw s16le bytes, valid only until this returns. `isNewest`: no younger ones wait to be read. */
  onData(bytes: Uint8Array, isNewest: boolean): void;
  /** The recorder is of no more use; called at most once, and not after {@link RecorderProcess.stop}. */
  onFault(fault: WakegateError): void;
}

/**
 * One run of a recorder program through node-record-lpcm16, with a fence around it: a recorder never ends by itself
 * in normal use, so every end is a fault, and so is silence on the pipe.
 */
export class RecorderProcess {
  readonly #child: ChildProcess;
  readonly #program: string;
  readonly #events: RecorderEvents;
  readonly #stdout: PipeReader;
  readonly #textStart = new TextStart();
  readonly #startedMs = performance.now();
  #stderr = '';
  #stderrBytes = 0;
  #stderrRest: NodeJS.Timeout | undefined;
  /** No more events are given. */
  #done = false;

  /** Starts the recorder. @throws WakegateError WG_RECORDER_FAILED where it cannot even be started */
  constructor(request: RecorderRequest, events: RecorderEvents) {
    this.#program = request.recorder.program;
    this.#events = events;
    const recording = startRecording(request);
    this.#child = recording.process;

    const stdout = recording.stream();
    this.#stdout = new PipeReader(stdout, request, {
      onData: (bytes, isNewest) => this.#receive(bytes, isNewest, request.startTimeoutMs),
      onSilence: () => this.#fail(this.#silenceFault()),
    });
    // node-record-lpcm16 emits an error here whenever the recorder is stopped; the child's own events say more.
    stdout.on('error', () => {});
    this.#readStderr(recording.process.stderr);
    this.#child.on('error', (error: NodeJS.ErrnoException) => this.#fail(this.#startFault(error)));
    // What is left in the pipe is wanted now.
    this.#child.on('exit', () => {
      this.#stdout.restMs = 0;
    });
    // `close` and not `exit`: by then the last samples and the last words on stderr have been read.
    this.#child.on('close', () => {
      const rest = this.#textStart.end();
      if (rest.length > 0 && !this.#done) events.onData(rest, true);
      this.#fail(this.#exitFault());
    });
  }

  /** As {@link PipeReader.restMs}. */
  set restMs(restMs: number) {
    if (this.#isRunning()) this.#stdout.restMs = restMs;
  }

  /** As {@link PipeReader.taken}. */
  taken(): void {
    this.#stdout.taken();
  }

  /** What it does next to recording that it should not, as a sentence; null where nothing is. */
  get problem(): string | null {
    if (this.#stderrBytes < CHATTER_BYTES) return null;
    return `${this.#program} prints errors without an end${this.#lastWords()}`;
  }

  /** Ends the recorder, by force where it does not go by itself, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#done = true;
    this.#stdout.close();
    clearTimeout(this.#stderrRest);
    const child = this.#child;
    if (child.pid === undefined) return; // never started
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await gone.catch(() => {});
      clearTimeout(force);
    }
    // Something that the recorder started may still hold the pipes.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  }

  #receive(bytes: Uint8Array, isNewest: boolean, startTimeoutMs: number): void {
    const samples = this.#textStart.push(bytes);
    if (samples.length > 0) this.#events.onData(samples, isNewest);
    else if (this.#textStart.isEndless || performance.now() - this.#startedMs > startTimeoutMs)
      this.#fail(this.#textFault());
  }

  /** One that prints without an end is read slowly: it would take the time of listening. */
  #readStderr(stderr: Readable): void {
    stderr.on('data', (text: Buffer) => {
      if (this.#done) return;
      this.#stderrBytes += text.length;
      this.#stderr = (this.#stderr + text.subarray(-STDERR_CHARACTERS).toString()).slice(-STDERR_CHARACTERS);
      stderr.pause();
      this.#stderrRest = setTimeout(() => stderr.resume(), STDERR_REST_MS);
    });
  }

  #isRunning(): boolean {
    return !this.#done && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #fail(fault: WakegateError): void {
    if (this.#done) return;
    this.#done = true;
    this.#stdout.close();
    this.#events.onFault(fault);
  }

  #startFault(error: NodeJS.ErrnoException): WakegateError {
    const code = error.code === 'ENOENT' ? 'WG_RECORDER_MISSING' : 'WG_RECORDER_FAILED';
    return new WakegateError(code, `${this.#program} could not be started: ${error.message}`, {
      cause: error,
    });
  }

  #exitFault(): WakegateError {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode ? `was ended by ${signalCode}` : `ended with code ${exitCode}`;
    const meaning = meaningOf(this.#stderr);
    const fault = `${this.#program} ${how}${this.#lastWords()}`;
    return new WakegateError('WG_RECORDER_FAILED', meaning === null ? fault : `${meaning}: ${fault}`);
  }

  #textFault(): WakegateError {
    return new WakegateError(
      'WG_RECORDER_FAILED',
      `${this.#program} prints text where its samples should come${this.#lastWords()}`,
    );
  }

  #silenceFault(): WakegateError {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#exitFault();
    const what = this.#stdout.hasData ? 'has stopped giving samples' : 'gives no samples';
    return new WakegateError(
      'WG_RECORDER_FAILED',
      `${this.#program} ${what}: is the device plugged in, and not used by another program?${this.#lastWords()}`,
    );
  }

  /** The last lines that the recorder printed, as the end of a sentence. */
  #lastWords(): string {
    const lines = `${this.#textStart.text}\n${this.#stderr}`.split('\n').map((line) => line.trim());
    const last = lines.filter((line) => line !== '').slice(-STDERR_LINES);
    return last.length > 0 ? `; it said: ${last.join(' / ')}` : '';
  }
}

function startRecording(request: RecorderRequest): ReturnType<typeof lpcm16.record> {
  try {
    expectDescriptors();
    // Loaded with the first recorder.
    const { record } = require('node-record-lpcm16') as typeof lpcm16;
    return record({
      recorder: RECORDER_MODULE,
      program: request.recorder.program,
      programPath: request.recorder.path,
      device: request.device,
      sampleRate: request.rate,
      channels: request.channels,
      periodMs: request.periodMs,
    });
  } catch (error) {
    throw asWakegateError(error, 'WG_RECORDER_FAILED', `${request.recorder.program} could not be started`);
  }
}

/**
 * Throws where file descriptors have run out. There, `spawn` gives a child without pipes that fails a moment later;
 * node-record-lpcm16 trips over the former and loses hold of the child, whose error would end the process.
 */
function expectDescriptors(): void {
  const held: number[] = [];
  try {
    while (held.length < SPAWN_DESCRIPTORS) held.push(openSync('/dev/null', 'r'));
  } finally {
    for (const descriptor of held) closeSync(descriptor);
  }
}
