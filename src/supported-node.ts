import { nodeVersion, SUPPORTED_NODE } from './node-version.js';

/** For programs that import wakegate: an older Node would fail somewhere within it, with a message that helps nobody. */
const { node } = process.versions;
if (nodeVersion(node) === 'too old') {
  throw new Error(
    `wakegate does not run on Node.js ${node} (${process.execPath}): ${SUPPORTED_NODE} are supported; install 22 or 24`,
  );
}
