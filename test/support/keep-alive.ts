import { after } from 'node:test';

/** Keeps the process alive until the tests that are being described are over: nothing of a connection does. */
export function keepAlive(): void {
  const alive = setInterval(() => {}, 1 << 30);
  after(() => clearInterval(alive));
}
