import { eventText, inputText } from './event-text.js';
import { printableIn } from './printable.js';
import type { Style } from './style.js';
import type { TopState } from './top-state.js';

/** What is below is the noise of a converter; what is above clips. */
const QUIETEST_DBFS = -80;
const LABEL_WIDTH = 13;

/** The screen of `wakegate top`, line by line. @param clock such as 12:03:04 */
export function screenOf(state: TopState, style: Style, nowMs: number, clock: string): string[] {
  const { strong, faint, good, warning } = style;
  const status = state.status && printableIn(state.status);
  if (status === null) return [`${strong('wakegate')}  ${faint('waiting for the daemon ...')}`];
  const { input, gate, classifier, keywords, problems, model, version } = status;
  const { scores } = state;
  const head = `${strong(`wakegate ${version}`)}  ${model.name}  ${faint(clock)}`;
  const dbfs = scores ? scores.dbfs : input.levelDbfs;
  const noise = scores ? scores.noiseDbfs : input.noiseDbfs;
  const gateScore = scores ? scores.gate.score : gate.score;
  const gateThreshold = scores ? scores.gate.threshold : gate.threshold;
  const isOpen = scores ? scores.gate.open : gate.open;
  const thinks = scores ? scores.classifier : classifier.state;
  const isHeard = input.state === 'listening' || input.state === 'restored';
  const said = inputText({ ...input, type: 'input', sequence: 0, time: '' });
  return [
    state.isConnected ? head : `${head}  ${warning('the connection is lost, trying again')}`,
    '',
    row('Microphone', isHeard && input.problem === null ? said : warning(said)),
    row('Level', `${style.bar(shareOf(dbfs))} ${dbfsText(dbfs)}  ${faint(`room ${dbfsText(noise)}`)}`),
    row(
      'Gate',
      `${style.bar(gateScore)} ${gateScore.toFixed(2)} of ${gateThreshold.toFixed(2)}  ${isOpen ? good('open') : faint('closed')}`,
    ),
    row('Classifier', thinks === 'asleep' ? faint('asleep') : good(thinks)),
    '',
    ...keywords
      .filter(({ enabled }) => enabled)
      .map(({ name, label, threshold }) => {
        const posterior = state.posteriorOf(name, nowMs);
        const score = posterior === null ? faint('-'.padStart(5)) : posterior.toFixed(3);
        const bar = style.bar(posterior ?? 0);
        const shown = posterior !== null && posterior >= threshold ? good(bar) : bar;
        return row(label, `${shown} ${score} of ${threshold.toFixed(3)}`);
      }),
    ...(scores?.looks ?? []).map(({ keyword, second, score, agreed }) =>
      row(
        '',
        faint(
          `second look at ${keyword}: ${second.toFixed(3)}, joined ${score.toFixed(3)}, ${agreed ? 'agreed' : 'refused'}`,
        ),
      ),
    ),
    '',
    ...problems.map(({ part, problem }) => warning(`${part}: ${problem}`)),
    ...(state.detections.length === 0
      ? [faint('Nothing was detected yet.')]
      : state.detections.map((detection) => eventText(detection, style))),
  ];
}

/** The same as one line, for what is no terminal. */
export function lineOf(state: TopState, nowMs: number, clock: string): string {
  const { status, scores } = state;
  if (status === null || !state.isConnected) return `${clock}  no connection to the daemon`;
  const { input, gate, classifier, keywords } = printableIn(status);
  const [first] = keywords
    .map(({ label, name }) => ({ label, posterior: state.posteriorOf(name, nowMs) ?? -1 }))
    .sort((a, b) => b.posterior - a.posterior);
  const heard = [
    `level ${dbfsText(scores ? scores.dbfs : input.levelDbfs)}`,
    `gate ${(scores?.gate.score ?? gate.score).toFixed(2)} ${(scores?.gate.open ?? gate.open) ? 'open' : 'closed'}`,
    `classifier ${scores?.classifier ?? classifier.state}`,
    ...(first && first.posterior >= 0 ? [`${first.label} ${first.posterior.toFixed(3)}`] : []),
  ];
  return [clock, input.state === 'restored' ? 'listening' : input.state, ...heard].join('  ');
}

function row(name: string, text: string): string {
  return `${name.slice(0, LABEL_WIDTH).padEnd(LABEL_WIDTH)}  ${text}`;
}

function shareOf(dbfs: number | null): number {
  return dbfs === null ? 0 : 1 - dbfs / QUIETEST_DBFS;
}

function dbfsText(dbfs: number | null): string {
  return dbfs === null ? 'silence' : `${dbfs.toFixed(0)} dBFS`;
}

/** A line cut to so many columns; colours take none, and end with it. */
export function cut(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const parts = line.split(/(\x1b\[\d+m)/);
  let left = columns;
  let text = '';
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 1) text += part;
    else {
      const shown = [...part].slice(0, left);
      left -= shown.length;
      text += shown.join('');
    }
  }
  return text;
}
