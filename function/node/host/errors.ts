/** The author's server cannot be started; the message is one line for the log. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** Whether the server was not started in the time it had. */
  readonly isLate: boolean;

  constructor(message: string, isLate = false) {
    super(message);
    this.isLate = isLate;
  }

  /** The file with the author's code has a copy of this class, whose instances are start errors, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "StartError";
  }
}
