// Puts Swagger UI, which GET /docs shows the API with, into dist/src/server/reference/, compressed.
//
//   node scripts/api-reference.js    `npm run build` does it too
//
// It comes from a package that is needed for building only: whoever installs wakegate has these files already, and none of its
// dependencies.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist/src/server/reference');
const FILES = ['swagger-ui-bundle.js', 'swagger-ui.css'];
const MAKERS = ['scripts/api-reference.js', 'package-lock.json'].map((path) => join(ROOT, path));

const NOTICE = `Swagger UI, https://github.com/swagger-api/swagger-ui
Copyright 2020-2025 SmartBear Software Inc.
Licensed under the Apache License, Version 2.0, whose text is in the file LICENSE of this package.
`;

/** Whether there is nothing to do. */
export function isReferenceMade() {
  const notice = join(OUT, 'NOTICE');
  if (!existsSync(notice)) return false;
  const madeMs = statSync(notice).mtimeMs;
  return MAKERS.every((path) => !existsSync(path) || statSync(path).mtimeMs <= madeMs);
}

export function makeReference() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static');
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  for (const name of FILES) {
    const bytes = gzipSync(readFileSync(join(folder, name)), { level: 9 });
    writeFileSync(join(OUT, `${name}.gz`), bytes);
  }
  writeFileSync(join(OUT, 'NOTICE'), NOTICE); // last, as the sign that all is there
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeReference();
