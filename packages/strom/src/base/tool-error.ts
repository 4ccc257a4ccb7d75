/**
 * Thrown by a tool to tell the model what went wrong.
 *
 * The message reaches the caller as a result with `isError: true`, so that the model can read it
 * and try again. Any other error a tool throws is masked: the caller sees an incident id, the
 * details go to the log only.
 */
export class ToolError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ToolError';
  }
}
