/** Which microphone: by the settings of these names. */
export interface MicrophoneChoice {
  /** By default the one in use, or the first that is installed. */
  readonly recorder?: 'arecord' | 'parec' | 'pw-record' | 'sox';
  /** By default the recorder's own choice. */
  readonly device?: string;
}

/** The microphone that is listened to, or that will be when it is unmuted. */
export interface MicrophoneInUse {
  /** For people: of the input, which is no microphone where the settings name a file. */
  readonly name: string;
  readonly recorder: 'auto' | 'arecord' | 'parec' | 'pw-record' | 'sox';
  /** Null for the recorder's own choice. */
  readonly device: string | null;
  /** Whether it was chosen while the daemon ran, and not by the settings. */
  readonly isChosen: boolean;
}

interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** Something to record from. */
export interface Device {
  readonly recorder: 'arecord' | 'parec' | 'pw-record' | 'sox';
  /** For the setting `device`, and `recorder` with it. */
  readonly name: string;
  /** For people. */
  readonly description: string;
  /** In Hz; null where it is not known. */
  readonly rates: Range | null;
  readonly channels: Range | null;
  /** It gives what is played, and is no microphone. */
  readonly isMonitor: boolean;
  /** Whether it is listened to, as far as it was chosen by name. */
  readonly inUse: boolean;
}

/** How loud a microphone is. */
export interface DeviceLevel {
  /** Root mean square; null for digital silence. */
  readonly dbfs: number | null;
  /** Of the loudest sample; null for digital silence, and of the microphone in use. */
  readonly peakDbfs: number | null;
  /** Of how much sound. */
  readonly seconds: number;
}

/** The result of one check of what the daemon needs. */
export interface DoctorFinding {
  /** What was checked. */
  readonly about: string;
  /** `unknown`: it could not be checked, and may be right. */
  readonly state: 'right' | 'wrong' | 'unknown';
  /** In a sentence. */
  readonly says: string;
  /** The command, ready to be typed, that fixes it or shows how; null where there is nothing to fix. */
  readonly fix: string | null;
}
