/**
 * Which versions of Node.js wakegate runs on, as package.json's `engines` has it. It imports nothing, so that it can be asked
 * before anything is loaded that an older Node does not have, and is CommonJS, since the command begins so.
 */

const SUPPORTED_NODE = '20.19 to 26';

const OLDEST = [20, 19] as const;
const FIRST_UNTRIED_MAJOR = 27;

/** @param version such as `process.versions.node` */
function nodeVersion(version: string): 'supported' | 'too old' | 'too new' {
  const [major, minor] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) return 'too old';
  return major < FIRST_UNTRIED_MAJOR ? 'supported' : 'too new';
}

export = { SUPPORTED_NODE, nodeVersion };
