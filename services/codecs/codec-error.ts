/** Thrown for a payload that is no primitive, or a wrong one. Its text goes to the originator as debug information. */
export class CodecError extends Error {
  override name = 'CodecError';
  /** Response status code to answer: BAD_REQUEST (TS-0004 6.6.3.5) unless said otherwise. */
  readonly code: number;
  /** The request's identifier, where it could still be read. */
  readonly requestIdentifier: string | undefined;

  constructor(debug: string, requestIdentifier?: string, code = 4000) {
    super(debug);
    this.code = code;
    this.requestIdentifier = requestIdentifier;
  }

  /** What is wrong, for the originator. */
  get debug(): string {
    return this.message;
  }
}

/** The same error with the identifier, unless it has one; anything that is no CodecError becomes one. */
export function withIdentifier(error: unknown, requestIdentifier: string | undefined): CodecError {
  if (!(error instanceof CodecError)) return new CodecError('The payload cannot be read.', requestIdentifier);
  if (error.requestIdentifier !== undefined || requestIdentifier === undefined) return error;
  return new CodecError(error.message, requestIdentifier, error.code);
}
