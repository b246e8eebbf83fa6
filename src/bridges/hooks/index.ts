export { checkHooks, Hooks, type HooksOptions } from './hooks.js';
