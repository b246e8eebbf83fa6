export type { Access } from './authorize.js';
export { checkPort } from './port.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
export { configuredToken } from './token.js';
