import { SAMPLE_RATE } from '../../audio/index.js';
import type { Random } from '../random.js';
import type { Clip } from './corpus.js';
import { atLevel, atSpeed, type Scene, type Span } from './scenes.js';
import { wordRegion } from './word-region.js';

/** Label of half a keyword: it sounds like a keyword and is none. */
export const HALF = '(half)';
/** Label of sound that a first network took for a keyword. */
export const MISTAKE = '(mistake)';

const SCENE_SAMPLES = 40 * SAMPLE_RATE;
/** Share of synthesized clips where there are recordings too. It is low, since synthesizers have few voices, which sound alike. */
const SYNTHESIZED_SHARE = 0.2;
const SPEECH_SPEEDS = [0.8, 1.25] as const;

/**
 * Endless scenes for the keyword head: keywords between other words, speech, halves of keywords, and pauses. The span
 * of a keyword is the word itself, not its clip.
 */
export function* keywordScenes(
  clips: readonly Clip[],
  keywords: readonly string[],
  random: Random,
): Generator<Scene> {
  const isSynthesized = (clip: Clip) => clip.corpus === 'synthesized';
  const saying = (keyword: string, synthesized: boolean) =>
    clips
      .filter((clip) => clip.kind === 'word' && clip.label === keyword && isSynthesized(clip) === synthesized)
      .map((clip) => ({ clip, region: wordRegion(clip.samples) }));
  const recorded = keywords.map((keyword) => saying(keyword, false));
  const synthesized = keywords.map((keyword) => saying(keyword, true));
  /** Each keyword as often as any other, however many clips of it there are. */
  const pickKeyword = () => {
    const keyword = random.index(keywords.length);
    const fromVoices = synthesized[keyword].length > 0 && random.chance(SYNTHESIZED_SHARE);
    const from = fromVoices || recorded[keyword].length === 0 ? synthesized : recorded;
    return { keyword, ...random.pick(from[keyword]) };
  };
  const others = clips.filter((clip) => clip.kind === 'word' && !keywords.includes(clip.label));
  /** Chosen to sound like a keyword, whoever says it. */
  const isNear = (clip: Clip) => isSynthesized(clip) || clip.corpus === 'kokoro' || clip.label === MISTAKE;
  const otherRecorded = others.filter((clip) => !isNear(clip));
  const near = others.filter(isNear);
  const speech = clips.filter((clip) => clip.kind === 'speech');

  for (;;) {
    const scene = new Int16Array(SCENE_SAMPLES);
    const spans: Span[] = [];
    let at = random.index(SAMPLE_RATE);
    const place = (
      samples: Int16Array,
      label: string,
      { kind, path }: Clip,
      from = 0,
      to = samples.length,
    ): boolean => {
      if (at + samples.length > SCENE_SAMPLES) return false;
      scene.set(samples, at);
      spans.push({ label, kind, path, start: at + from, end: at + to });
      at += samples.length;
      return true;
    };
    for (let fits = true; fits; ) {
      const turn = random.next();
      if (turn < 0.5) {
        const { keyword, clip, region } = pickKeyword();
        const speed = random.between(0.85, 1.15);
        // Mostly the word alone, so that what stands around it varies; else the clip as it was recorded.
        const margin = random.chance(0.65) ? 1600 : clip.samples.length;
        const start = Math.max(0, region.start - margin);
        const end = Math.min(clip.samples.length, region.end + margin);
        const samples = atLevel(atSpeed(clip.samples.subarray(start, end), speed), random.between(-27, -15));
        fits = place(
          samples,
          keywords[keyword],
          clip,
          (region.start - start) / speed,
          (region.end - start) / speed,
        );
      } else if (turn < 0.62) {
        const { clip, region } = pickKeyword();
        const length = region.end - region.start;
        const share = random.between(0.3, 0.6);
        const cut = random.chance(0.5)
          ? clip.samples.slice(region.start, region.start + Math.round(share * length))
          : clip.samples.slice(region.end - Math.round(share * length), region.end);
        fits = place(
          atLevel(faded(atSpeed(cut, random.between(0.85, 1.15))), random.between(-27, -15)),
          HALF,
          clip,
        );
      } else if (turn < 0.82) {
        const fromVoices = near.length > 0 && random.chance(1.5 * SYNTHESIZED_SHARE);
        const clip = random.pick(fromVoices || otherRecorded.length === 0 ? near : otherRecorded);
        fits = place(
          atLevel(atSpeed(clip.samples, random.between(0.85, 1.15)), random.between(-27, -15)),
          clip.label,
          clip,
        );
      } else {
        const clip = random.pick(speech);
        const length = Math.min(clip.samples.length, Math.round(random.between(0.8, 3) * SAMPLE_RATE));
        const start = random.index(clip.samples.length - length + 1);
        fits = place(
          atLevel(
            faded(atSpeed(clip.samples.subarray(start, start + length), random.between(...SPEECH_SPEEDS))),
            random.between(-27, -15),
          ),
          clip.label,
          clip,
        );
      }
      // Often no pause at all: words come out of sentences.
      if (random.chance(0.6)) at += random.index(random.chance(0.3) ? 24_000 : 6_400);
    }
    yield { samples: scene, spans };
  }
}

/** Its first and last 10 ms faded, in place, so that a cut does not click. */
function faded(samples: Int16Array): Int16Array {
  const ramp = Math.min(160, samples.length >> 1);
  for (let i = 0; i < ramp; i++) {
    samples[i] = (samples[i] * i) / ramp;
    samples[samples.length - 1 - i] = (samples[samples.length - 1 - i] * i) / ramp;
  }
  return samples;
}
