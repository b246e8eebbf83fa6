import { WakegateError } from '../../errors.js';
import type { RawFormat } from '../codecs/raw-pcm.js';
import type { DecodingThread } from './thread.js';

/**
 * Resamples one stream on a thread. Pieces go there one at a time: the next is pushed when the last was answered. Their
 * memory goes there and back: new memory for each would stay until the garbage collector finds it worth its time.
 */
export class StreamConverter {
  readonly #thread: DecodingThread;
  readonly #job: number;
  readonly #onClose: () => void;
  #bytes = new ArrayBuffer(0);
  #room = new ArrayBuffer(0);
  #fault: WakegateError | null = null;
  #waiting: { resolve: (samples: Int16Array) => void; reject: (fault: WakegateError) => void } | null = null;

  constructor(
    thread: DecodingThread,
    job: number,
    raw: Required<RawFormat>,
    name: string,
    onClose: () => void,
  ) {
    this.#thread = thread;
    this.#job = job;
    this.#onClose = onClose;
    thread.open(job, {
      name,
      onMessage: (message) => {
        if (message.kind === 'samples') this.#answer()?.resolve(message.samples);
        else if (message.kind === 'resampled') {
          this.#bytes = message.bytes;
          this.#room = message.samples.buffer;
          this.#answer()?.resolve(message.samples);
        } else if (message.kind === 'fault') this.#fail(new WakegateError(message.code, message.message));
      },
      onFault: (fault) => this.#fail(fault),
    });
    thread.send({ kind: 'convert', job, raw }, false);
  }

  push(bytes: Uint8Array): Promise<Int16Array> {
    const answer = this.#ask();
    if (this.#bytes.byteLength < bytes.length) this.#bytes = new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(this.#bytes, 0, bytes.length);
    copy.set(bytes);
    const room = this.#room;
    this.#thread.send({ kind: 'resample', job: this.#job, bytes: copy, room }, true, [copy.buffer, room]);
    return answer;
  }

  flush(): Promise<Int16Array> {
    const answer = this.#ask();
    this.#thread.send({ kind: 'end', job: this.#job }, true);
    return answer;
  }

  close(): void {
    this.#thread.close(this.#job);
    this.#fail(new WakegateError('WG_NOT_READY', 'the stream is closed'));
    this.#onClose();
  }

  #ask(): Promise<Int16Array> {
    return new Promise((resolve, reject) => {
      if (this.#fault) reject(this.#fault);
      else this.#waiting = { resolve, reject };
    });
  }

  #answer() {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }

  #fail(fault: WakegateError): void {
    this.#fault ??= fault;
    this.#answer()?.reject(this.#fault);
  }
}
