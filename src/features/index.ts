export { FrameStream } from './frames.js';
export { Mfcc } from './mfcc.js';
