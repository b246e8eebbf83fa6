import type { Forecast, Share } from '../training/own/forecast.js';

/** A forecast in lines for people. */
export function forecastText({
  missed,
  missedInNoise,
  takesMissed,
  falseAccepts,
  nearHeard,
  gateOpen,
  leftOut,
}: Forecast): string[] {
  const [low, high] = falseAccepts.interval;
  return [
    `expected to be missed: ${peopleText(missed)}`,
    ...(missedInNoise ? [`in noise and rooms: ${peopleText(missedInNoise)}`] : []),
    ...(takesMissed ? [`of your takes: ${shareText(takesMissed)} missed`] : []),
    `expected false accepts: ${falseAccepts.perHour.toFixed(2)} an hour (${low.toFixed(2)} to ${high.toFixed(2)}; ` +
      `${falseAccepts.count} in ${falseAccepts.hours.toFixed(1)} h of speech, noise and music)`,
    `what sounds like it sets it off: ${shareText(nearHeard)}`,
    ...(leftOut && leftOut.clips > 0
      ? [
          `left out of the bank: ${leftOut.clips} ${leftOut.clips === 1 ? 'recording that says' : 'recordings that say'} ` +
            `it, ${leftOut.minutes.toFixed(1)} minutes`,
        ]
      : []),
    `the gate is open for it ${(100 * gateOpen).toFixed(1)} % of the time in such sound`,
  ];
}

/** Of what is expected of people, and of synthesized voices. */
function peopleText({ share, count, of, interval }: Share): string {
  return (
    `${percent(share)} % of people (${percent(interval[0])} to ${percent(interval[1])} %); ` +
    `of voices that it never heard, ${count} of ${of} times`
  );
}

function percent(value: number): string {
  return (100 * value).toFixed(value < 0.0995 ? 1 : 0);
}

function shareText({ share, count, of, interval }: Share): string {
  return `${percent(share)} % (${count} of ${of}; ${percent(interval[0])} to ${percent(interval[1])} %)`;
}
