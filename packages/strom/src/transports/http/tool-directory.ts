import type { MirroredParameter } from '../../protocol/mirrored-parameters.ts';

/** What the endpoints have to know of the tools before a call is made. */
export interface ToolDirectory {
  hasTool(name: string): boolean;
  isReadOnlyTool(name: string): boolean;
  /** The arguments that headers may repeat; none for a tool that is not there. */
  mirroredParametersOf(name: string): readonly MirroredParameter[];
}
