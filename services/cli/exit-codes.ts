/** What the process says to its caller when it ends. */
export const ExitCode = {
  ok: 0,
  /** An answer with an error status, or a process that could not start. */
  failed: 1,
  /** Wrong use: flags, arguments, settings. */
  usage: 2,
  /** Nobody answered. */
  noAnswer: 3,
} as const;

/** Ends the command with a code and one clear line. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
