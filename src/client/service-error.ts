/** Why the service gave no answer, or refused. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** Stable, such as WG_UNAUTHORIZED; WG_SERVICE_UNREACHABLE where there was no answer at all. */
  readonly code: string;
  /** Of HTTP; null where there was no answer. */
  readonly status: number | null;

  constructor(code: string, message: string, status: number | null, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.status = status;
  }

  /** Whether the same request may well succeed later. */
  get isPassing(): boolean {
    return this.status === null || this.status === 429 || this.status >= 500;
  }
}
