#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=65536 node --max-semi-space-size=1
import { nodeVersion, SUPPORTED_NODE } from '../node-version.js';

// Before anything else is loaded: an older Node would fail somewhere within it, with a message that helps nobody.
const { node } = process.versions;
if (nodeVersion(node) === 'too old') {
  console.error(
    `wakegate: Node.js ${node} (${process.execPath}) is too old: ${SUPPORTED_NODE} are supported. ` +
      'Install Node.js 22 or 24 from https://nodejs.org, or run "npx --yes node@22 $(which wakegate)".',
  );
  process.exitCode = 1;
} else {
  await import('./command-line.js');
}
