import { WakegateError } from '../../errors.js';

/** A Vega-Lite specification: https://vega.github.io/vega-lite/docs/spec.html */
export type Spec = Readonly<Record<string, unknown>>;

export interface Drawing {
  readonly svg: string;
  /** Where a value lies along an axis, in pixels from the left or the top. */
  place(axis: 'x' | 'y', value: number): number;
}

/** The parts of vega and vega-lite that are used here. Their own types would be more to compile than all of this project. */
interface Vega {
  parse(spec: object): object;
  View: new (
    runtime: object,
    options: { renderer: 'none'; logger: object },
  ) => {
    runAsync(): Promise<unknown>;
    toSVG(): Promise<string>;
    scale(name: string): (value: number) => number;
    finalize(): void;
  };
  logger(level: number): object;
  readonly Error: number;
}
interface VegaLite {
  compile(spec: object, options: { logger: object }): { readonly spec: object };
}

const PACKAGES = ['vega', 'vega-lite'] as const;
const STYLE: Spec = {
  background: 'white',
  padding: 12,
  config: {
    font: 'sans-serif',
    view: { stroke: null },
    title: { fontSize: 15, anchor: 'start', offset: 14 },
    axis: {
      domainColor: '#888',
      gridColor: '#e8e8e8',
      tickColor: '#888',
      labelColor: '#333',
      labelFontSize: 12,
      titleColor: '#333',
      titleFontSize: 12,
      titleFontWeight: 'normal',
      titlePadding: 10,
    },
    text: { fontSize: 12 },
  },
};

/**
 * Draws a specification as SVG.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where Vega is not installed
 */
export async function draw(spec: Spec): Promise<Drawing> {
  const [vega, vegaLite] = await loadVega();
  const logger = vega.logger(vega.Error);
  const { spec: compiled } = vegaLite.compile({ ...STYLE, ...spec }, { logger });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger });
  await view.runAsync();
  const svg = `${await view.toSVG()}\n`;
  const scales = { x: view.scale('x'), y: view.scale('y') };
  view.finalize();
  return { svg, place: (axis, value) => scales[axis](value) };
}

/**
 * Vega is optional, and loaded only for pictures. Its packages are not named where TypeScript would load their types.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where it is not installed
 */
export async function loadVega(): Promise<[Vega, VegaLite]> {
  try {
    const [vega, vegaLite] = await Promise.all(PACKAGES.map((name) => import(name)));
    return [vega, vegaLite];
  } catch (cause) {
    throw new WakegateError(
      'WG_PROGRAM_MISSING',
      `pictures are drawn by vega and vega-lite, which are not installed: npm install ${PACKAGES.join(' ')}`,
      { cause },
    );
  }
}

/** Pictures one below another, as one. */
export function stacked(svgs: readonly string[]): string {
  let [width, height] = [0, 0];
  const parts = svgs.map((svg) => {
    const [, w, h] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!.map(Number);
    const placed = svg.replace('<svg ', `<svg y="${height}" `);
    width = Math.max(width, w);
    height += h;
    return placed;
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('')}</svg>\n`;
}
