export type { Access } from './authorize.js';
export { MAX_DETECTIONS } from './detect.js';
export type { Energy } from './energy.js';
export type { MuteStatus } from './mute.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
export type { Service } from './service.js';
export type { Status } from './status.js';
export type { Message, Snapshot } from './subscribers.js';
export { configuredToken } from './token.js';
