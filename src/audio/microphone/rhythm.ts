/**
 * `prompt`: samples are read as they come; `steady`: a few times a second, while there is sound but no word; `slow`: about every half
 * second, as long as nothing is to be heard.
 */
export type Rhythm = 'prompt' | 'steady' | 'slow';

/**
 * How often a listener is to be given what a microphone hears.
 *
 * @param quiet whether all is at the noise floor, which comes before the rest: a gate that was open then shuts with the next sound
 * @param isOpen whether its gate is open
 */
export function rhythmFor({ quiet, isOpen }: { readonly quiet: boolean; readonly isOpen: boolean }): Rhythm {
  if (quiet) return 'slow';
  return isOpen ? 'prompt' : 'steady';
}

/** How long the pipe of a recorder is left alone between two readings, in ms. */
export const REST_MS: Readonly<Record<Rhythm, number>> = {
  prompt: 0,
  // The five bundled words were detected 320 ms after the gate opened for them at the earliest: it is read promptly by then. Not measured
  // in noise, where the gate may open later.
  steady: 240,
  slow: 560,
};
