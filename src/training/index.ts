/** `wakegate/training`: the GC layer and what makes packs. Load a TensorFlow.js backend first. */
export { calibrateGate, type GateCalibration } from './calibrate.js';
export { exportPack, type PackChoices } from './export-pack.js';
export { gatedLosses, gatedTargets, type TaskLoss } from './gate-terms.js';
export { GatedCompression, type GatedCompressionConfig, type GateKind } from './gated-compression.js';
export {
  type GatedCompressionOptions,
  gatedCompression,
  type SplitModel,
  splitAtGate,
} from './insert-gate.js';
export { JOINT, type JointSettings, trainJoint } from './joint.js';
export { Network } from './keyword-network.js';
export { type NetworkShape, SHAPE } from './network.js';
export { TRUNK, type TrunkSettings, trainTrunk } from './trunk.js';
