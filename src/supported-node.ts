import supported from './node-version.cjs';

/** For programs that import wakegate: an older Node would fail somewhere within it, with a message that helps nobody. */
const { node } = process.versions;
if (supported.nodeVersion(node) === 'too old') {
  throw new Error(
    `wakegate does not run on Node.js ${node} (${process.execPath}): ${supported.SUPPORTED_NODE} are supported; install 22 or 24`,
  );
}
