import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { nameOf, score } from '../format.js';
import { placeOf } from '../scale.js';
import { paintWaveform, spectrogramImage } from '../sound/paint.js';
import type { Player } from '../sound/player.js';
import type { Sound } from '../sound/wav.js';
import { T } from '../strings.js';
import { colour, paletteVersion, seriesColour } from '../theme.js';
import type { Track } from '../track.js';
import { Canvas } from './canvas.js';

export interface TimelineKeyword {
  readonly name: string;
  readonly label: string;
  /** Of its colour. */
  readonly index: number;
}

interface TimelineProps {
  readonly seconds: number;
  readonly sound: Sound | null;
  readonly picture: 'spectrogram' | 'waveform';
  readonly track: Track | null;
  /** Those whose scores are shown. */
  readonly keywords: readonly TimelineKeyword[];
  readonly player: Player | null;
}

/** A piece of sound, with what was thought of it below, all on one axis of time. */
export function Timeline({ seconds, sound, picture, track, keywords, player }: TimelineProps) {
  const image = useRef<{ sound: Sound; width: number; palette: number; canvas: HTMLCanvasElement } | null>(
    null,
  );
  const paintSound = (context: CanvasRenderingContext2D, width: number, height: number) => {
    context.fillStyle = colour('--well');
    context.fillRect(0, 0, width, height);
    if (sound === null) return;
    if (picture === 'waveform') return paintWaveform(context, width, height, sound);
    const palette = paletteVersion.value;
    const known = image.current;
    if (known?.sound !== sound || known.width !== width || known.palette !== palette) {
      image.current = { sound, width, palette, canvas: spectrogramImage(sound, width) };
    }
    context.imageSmoothingEnabled = true;
    context.drawImage(image.current!.canvas, 0, 0, width, height);
  };
  return (
    <div class="timeline">
      <div class="timeline-rows">
        <Row name={T.timeline.sound} how="" class="tall">
          <Canvas label={T.timeline[picture]} paint={paintSound} />
        </Row>
        {track?.gate && (
          <Row name={T.now.gateScore} how={T.now.opensAt(score(track.gate.threshold))}>
            <Canvas
              label={T.timeline.gate}
              paint={(context, width, height) => paintGate(context, width, height, track, seconds)}
            />
          </Row>
        )}
        {track &&
          keywords.map(({ name, label, index }) => (
            <Row
              key={name}
              name={nameOf({ name, label })}
              how={name in track.thresholds ? T.now.detectedAt(score(track.thresholds[name])) : ''}
            >
              <Canvas
                label={T.timeline.scores(nameOf({ name, label }), score(highestOf(track, name)))}
                paint={(context, width, height) =>
                  paintScores(context, width, height, track, name, seconds, seriesColour(index))
                }
              />
            </Row>
          ))}
        {player && <Playhead player={player} seconds={seconds} />}
      </div>
      <div class="timeline-axis small muted" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <span key={share}>{(share * seconds).toFixed(1)} s</span>
        ))}
      </div>
    </div>
  );
}

function Row(props: { name: string; how: string; class?: string; children: ComponentChildren }) {
  return (
    <div class={`timeline-row ${props.class ?? ''}`}>
      <div class="strip-name">
        <b>{props.name}</b>
        {props.how && <span class="muted small">{props.how}</span>}
      </div>
      {props.children}
    </div>
  );
}

/** Where it plays, and a slider to play from elsewhere. */
function Playhead({ player, seconds }: { player: Player; seconds: number }) {
  const slider = useRef<HTMLInputElement>(null);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const show = () => {
      const share = player.position.value / seconds;
      if (slider.current) slider.current.value = String(player.position.value);
      if (line.current) line.current.style.setProperty('--at', String(Math.min(1, share)));
    };
    show();
    return player.position.watch(show);
  }, [player, seconds]);
  return (
    <div class="playhead">
      <div class="playhead-line" ref={line} />
      <input
        ref={slider}
        type="range"
        min={0}
        max={seconds}
        step={0.01}
        aria-label={T.timeline.position}
        onInput={({ currentTarget }) => player.seek(Number(currentTarget.value))}
      />
    </div>
  );
}

function highestOf({ positions }: Track, name: string): number {
  return positions.reduce((highest, { scores }) => Math.max(highest, scores[name] ?? 0), 0);
}

function paintGate(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { gate }: Track,
  seconds: number,
): void {
  const { threshold, stepSeconds, scores, openings } = gate!;
  const x = (time: number) => (time / seconds) * width;
  context.fillStyle = colour('--well');
  context.fillRect(0, 0, width, height);
  context.fillStyle = colour('--open');
  for (const [from, to] of openings) context.fillRect(x(from), 0, Math.max(1, x(to) - x(from)), height);
  const points = scores.map((value, step) => [x((step + 1) * stepSeconds), value] as const);
  paintLine(context, height, threshold, width);
  paintCurve(context, height, points, colour('--gate'));
}

function paintScores(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  track: Track,
  name: string,
  seconds: number,
  ink: string,
): void {
  const x = (time: number) => (time / seconds) * width;
  context.fillStyle = colour('--well');
  context.fillRect(0, 0, width, height);
  if (name in track.thresholds) paintLine(context, height, track.thresholds[name], width);
  const points = track.positions.map(({ time, scores }) => [x(time), scores[name] ?? 0] as const);
  paintCurve(context, height, points, ink);
  context.fillStyle = colour('--good');
  for (const { keyword, time } of track.detections) {
    if (keyword !== name) continue;
    context.fillRect(x(time) - 1, 0, 2, height);
    context.beginPath();
    context.moveTo(x(time) - 5, 0);
    context.lineTo(x(time) + 5, 0);
    context.lineTo(x(time), 7);
    context.fill();
  }
}

const MARGIN = 3;
/** Points further apart than this, in pixels of a usual width, do not belong together: nothing was classified between them. */
const LONGEST_GAP_SHARE = 0.25;

function yOf(height: number, value: number): number {
  return height - MARGIN - placeOf(value) * (height - 2 * MARGIN);
}

function paintLine(context: CanvasRenderingContext2D, height: number, value: number, width: number): void {
  context.strokeStyle = colour('--threshold');
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, yOf(height, value));
  context.lineTo(width, yOf(height, value));
  context.stroke();
  context.setLineDash([]);
}

function paintCurve(
  context: CanvasRenderingContext2D,
  height: number,
  points: readonly (readonly [number, number])[],
  ink: string,
): void {
  if (points.length === 0) return;
  const steps = points.slice(1).map(([x], i) => x - points[i][0]);
  const usual = steps.length > 0 ? [...steps].sort((a, b) => a - b)[steps.length >> 1] : 1;
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  let start = 0;
  for (let i = 1; i <= points.length; i++) {
    const isBroken = i === points.length || points[i][0] - points[i - 1][0] > usual / LONGEST_GAP_SHARE;
    if (!isBroken) continue;
    const run = points.slice(start, i);
    context.beginPath();
    for (const [x, value] of run) context.lineTo(x, yOf(height, value));
    context.stroke();
    context.lineTo(run.at(-1)![0], height);
    context.lineTo(run[0][0], height);
    context.globalAlpha = 0.16;
    context.fill();
    context.globalAlpha = 1;
    start = i;
  }
}
