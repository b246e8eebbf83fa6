export { type Checked, Checker, type Fault } from './check.js';
export { sentenceOf } from './sentence.js';
export { type Static, type StringOptions, type TProperties, type TSchema, Type } from './type.js';
