export { WyomingBridge, type WyomingBridgeOptions } from './wyoming-bridge.js';
