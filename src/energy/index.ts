export { chooseBasis, type EnergyBasis } from './basis.js';
export { bestClock, type CpuClock } from './clock.js';
export { EnergyHistory, type EnergyWindow } from './history.js';
export { MeasuredBasis } from './measured-basis.js';
export {
  type EnergyAccount,
  EnergyMeter,
  type EnergyMeterOptions,
  STAGES,
  type StageAccount,
  type StageName,
} from './meter.js';
export { findGauge, type GaugePlaces, type PowerGauge } from './power-gauge.js';
export type { Saved } from './saved.js';
export type { StageCost, StageMeter } from './stage-meter.js';
