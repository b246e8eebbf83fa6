/** `wakegate/training`: the GC layer and what makes packs. Load a TensorFlow.js backend first. */
import '../supported-node.js';

export { HEADS, type HeadsSettings, trainHeads } from './fit/heads.js';
export type { LoopOptions } from './fit/loop.js';
export { TRUNK, type TrunkSettings, trainTrunk } from './fit/trunk.js';
export { gatedLosses, gatedTargets, type TaskLoss } from './layer/gate-terms.js';
export { GatedCompression, type GatedCompressionConfig, type GateKind } from './layer/gated-compression.js';
export {
  type GatedCompressionOptions,
  gatedCompression,
  type SplitModel,
  splitAtGate,
} from './layer/insert-gate.js';
export { KeywordNetwork } from './network/keyword-network.js';
export { type NetworkShape, SHAPE } from './network/network.js';
export { calibrateGate, type GateCalibration } from './pack/calibrate-gate.js';
export { exportPack, type PackChoices } from './pack/export-pack.js';
export type { OnProgress, TrainingProgress } from './progress.js';
