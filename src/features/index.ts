export type { Extractor, ExtractorName } from './extractor.js';
export { FrameStream } from './frames.js';
export { LogMel, type LogMelSettings } from './log-mel.js';
export { meydaVersion } from './meyda.js';
export { Mfcc } from './mfcc.js';
export { openExtractor } from './open-extractor.js';
export { openSecondLookLevels, type SecondLookLevels } from './second-look-levels.js';
export { SPEECH_EMBEDDING_LEVELS } from './speech-embedding-mel.js';
