#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=65536 node
import bundle = require('../bundle/load.cjs');
import versions = require('../node-version.cjs');

// CommonJS, since Node takes 4 ms and 1.5 MB to get ready for modules, and the daemon's bundle does without.

const { node } = process.versions;
if (versions.nodeVersion(node) === 'too old') {
  // Before anything else is loaded: an older Node would fail somewhere within it, with a message that helps nobody.
  console.error(
    `wakegate: Node.js ${node} (${process.execPath}) is too old: ${versions.SUPPORTED_NODE} are supported. ` +
      'Install Node.js 22 or 24 from https://nodejs.org, or run "npx --yes node@22 $(which wakegate)".',
  );
  process.exitCode = 1;
} else {
  void start();
}

/** The daemon from its bundle, where that has been made of the modules as they are now; everything else from the modules. */
async function start(): Promise<void> {
  type CommandLine = typeof import('./command-line.js', { with: { 'resolution-mode': 'import' }});
  const { main }: CommandLine =
    process.argv[2] === 'run' && bundle.isCurrent()
      ? bundle.load<CommandLine>('daemon')
      : await import('./command-line.js');
  await main();
}
