import type { WakegateError } from '../errors.js';
import type { FileReport } from '../protocol/index.js';
import { printSentence } from './print-error.js';
import { printable } from './printable.js';

/** How `detect` prints its results, in the order of the files. */
export interface DetectOutput {
  report(report: FileReport): void;
  fault(file: string, fault: WakegateError): void;
  /** After the last file. */
  end(): void;
}

/** A line of JSON for each file. */
export class JsonOutput implements DetectOutput {
  report(report: FileReport): void {
    writeLine(JSON.stringify(report));
  }

  fault(file: string, { code, message }: WakegateError): void {
    writeLine(JSON.stringify({ file, error: { code, message } }));
  }

  end(): void {}
}

/** A line for each detection, one on stderr for each file that failed, and a summary. */
export class TextOutput implements DetectOutput {
  #files = 0;
  #failed = 0;
  #detections = 0;
  #seconds = 0;
  #steps = 0;
  #passed = 0;

  report({ file, seconds, detections, gate, warning }: FileReport): void {
    if (warning) console.error(`wakegate: ${printable(warning)}`);
    for (const { keyword, time, score } of detections) {
      writeLine(`${printable(file)}  ${time.toFixed(2)} s  ${printable(keyword)}  ${score.toFixed(3)}`);
    }
    this.#files++;
    this.#detections += detections.length;
    this.#seconds += seconds;
    this.#steps += gate.steps;
    this.#passed += gate.passed;
  }

  fault(_file: string, fault: WakegateError): void {
    printSentence(fault);
    this.#failed++;
  }

  end(): void {
    const heard = `${count(this.#detections, 'detection')} in ${count(this.#files, 'file')}`;
    const stopped = this.#steps === 0 ? 0 : (100 * (this.#steps - this.#passed)) / this.#steps;
    const gate = `${this.#seconds.toFixed(1)} s of audio, ${stopped.toFixed(1)} % of it stopped by the gate`;
    const failed = this.#failed === 0 ? '' : `; ${count(this.#failed, 'file')} could not be processed`;
    writeLine(`${heard} (${gate})${failed}`);
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
