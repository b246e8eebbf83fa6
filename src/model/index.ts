export type { LayersModel } from './back.js';
export { quantizeToFloat16 } from './float16.js';
export { type InstalledPack, InstalledPacks } from './installed-packs.js';
export { KeywordFolder, readOwnKeywords, takesIn, withFittingKeywords } from './keyword-folder.js';
export { freeName } from './keyword-name.js';
export {
  checkFits,
  formatOwnKeyword,
  keywordNameOf,
  MOST_KEYWORD_BYTES,
  MOST_OWN_KEYWORDS,
  parseOwnKeyword,
  trunkOf,
  withOwnKeywords,
} from './own-keyword.js';
export type { OwnHead, OwnKeyword } from './own-keyword-types.js';
export type {
  BackModel,
  Compression,
  DetectorSettings,
  FeatureSettings,
  FrontLayer,
  GateSettings,
  HandoffSettings,
  KeywordSettings,
  ModelPack,
  SecondLookModel,
} from './pack.js';
export { ENGLISH, isSamePhrase, phraseText } from './phrase-text.js';
export { readFrontTensors, readPack } from './read.js';
export { type Calibration, recalibrate } from './recalibrate.js';
export { listPacks, MODELS_DIRECTORY, resolvePack } from './resolve.js';
export type { Tensor } from './tensors.js';
export { type PackDescription, writePack } from './write.js';
