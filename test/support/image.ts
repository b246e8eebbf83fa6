import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What the last stage of the Dockerfile makes of an image. */
export interface Image {
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** Instructions of the Dockerfile: their continued lines joined, without comments. */
export function dockerfileInstructions(): string[] {
  return readFileSync(`${ROOT}Dockerfile`, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
}

export function readImage(): Image {
  const all = dockerfileInstructions();
  const last = all.slice(all.findLastIndex((line) => line.startsWith('FROM ')));
  const rest = (name: string) => last.find((line) => line.startsWith(`${name} `))!.slice(name.length + 1);
  const words = rest('ENV').split(/\s+/);
  return {
    environment: Object.fromEntries(words.map((word) => word.split(/=(.*)/s, 2))),
    entrypoint: JSON.parse(rest('ENTRYPOINT')),
    command: JSON.parse(rest('CMD')),
    healthcheck: JSON.parse(rest('HEALTHCHECK').replace(/^.*? CMD /, '')),
  };
}

/** A `docker run` that the documents tell people to type. */
export interface DockerRun {
  /** As it stands there. */
  readonly text: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What follows the name of the image. */
  readonly args: readonly string[];
}

/** Every `docker run` in a text, with its continued lines. */
export function dockerRuns(text: string): DockerRun[] {
  const lines = text.replaceAll(/\\\n[#\s]*/g, '').split('\n');
  return lines
    .map((line) => line.replace(/^#?\s*/, '').replaceAll(/\s+/g, ' '))
    .filter((line) => line.startsWith('docker run '))
    .map((line) => {
      const args = line.split(/ wakegate(?= |$)/).at(-1)!;
      const environment = [...line.matchAll(/--env (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]);
      return {
        text: line,
        environment: Object.fromEntries(environment),
        args: args.split(' ').filter((word) => word !== ''),
      };
    });
}
