/**
 * Failures of a whole call, as the model should read them.
 *
 * @module
 */
import { ToolError } from 'strom';
import { ConvertError } from '../base/convert-error.ts';

/**
 * Runs the work of a tool.
 *
 * @throws {ToolError} for a failure the engine names, so that the model can ask differently
 */
export async function refusePolitely<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConvertError) throw new ToolError(`${error.message} (${error.code})`);
    throw error;
  }
}
