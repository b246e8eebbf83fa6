import { ServiceError } from '../../client/index.js';
import { Signal, useSignal } from '../signal.js';
import { T } from '../strings.js';
import { Icon } from './icon.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isFault: boolean;
  readonly undo: (() => void) | null;
}

const SHOWN_MS = 8000;
const MOST = 3;
const toasts = new Signal<readonly Toast[]>([]);
let lastId = 0;

/** Says for a few seconds what was done, with a way back where there is one. */
export function say(text: string, undo: (() => void) | null = null): void {
  add({ id: ++lastId, text, isFault: false, undo });
}

/** Says why something could not be done. Faults of the page itself are thrown on. */
export function sayFault(error: unknown): void {
  if (!(error instanceof ServiceError)) throw error;
  add({ id: ++lastId, text: error.message, isFault: true, undo: null });
}

/** Does something, and says so where it fails. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    sayFault(error);
    return false;
  }
}

function add(toast: Toast): void {
  toasts.value = [...toasts.value, toast].slice(-MOST);
  setTimeout(() => remove(toast.id), SHOWN_MS);
}

function remove(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {useSignal(toasts).map(({ id, text, isFault, undo }) => (
        <div class={`toast ${isFault ? 'fault' : ''}`} key={id}>
          <span>{text}</span>
          {undo && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                remove(id);
                undo();
              }}
            >
              <Icon name="undo" /> {T.undo}
            </button>
          )}
          <button type="button" class="plain round" aria-label={T.close} onClick={() => remove(id)}>
            <Icon name="cross" />
          </button>
        </div>
      ))}
    </div>
  );
}
