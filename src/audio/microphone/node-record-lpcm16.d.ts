/** node-record-lpcm16 1.0.1 has no types of its own; this is what is used of it. */
declare module 'node-record-lpcm16' {
  import type { ChildProcessByStdio } from 'node:child_process';
  import type { Readable, Writable } from 'node:stream';

  interface Recording {
    readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
    stream(): Readable;
  }

  /** `recorder` is the path of a module; whatever else is given is passed to it. */
  const lpcm16: { record(options: { recorder: string } & Record<string, unknown>): Recording };
  export default lpcm16;
}
