export type { Access } from './authorize.js';
export { connectionLimits } from './connection-limits.js';
export { fileLimit } from './file-limit.js';
export { checkPort } from './port.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
export { configuredToken, type Token } from './token.js';
