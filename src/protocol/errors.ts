/** The body of every answer that is an error. */
export interface ErrorAnswer {
  readonly error: {
    /** Stable, such as WG_UNAUTHORIZED. */
    readonly code: string;
    /** A sentence for people. */
    readonly message: string;
  };
}
