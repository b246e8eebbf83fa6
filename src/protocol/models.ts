/** A model pack that the daemon could listen with. */
export interface ModelInfo {
  /** Name of its folder, by which it is asked for. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  /** Why it cannot be used. */
  readonly problem: string | null;
  readonly inUse: boolean;
}
