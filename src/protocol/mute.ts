export interface MuteStatus {
  readonly muted: boolean;
  /** ISO 8601; null where it does not end by itself. */
  readonly mutedUntil: string | null;
}
