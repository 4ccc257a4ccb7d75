/**
 * The arguments of the tools. Every contender gets them from its own copy of the same zod version.
 *
 * @param z - the zod of the contender
 */
export function toolSchemas(z) {
  return {
    echo: z.object({ text: z.string(), times: z.number().int() }),
    notify: z.object({ total: z.number().int(), pace: z.enum(['burst', 'awaited', 'immediate']) }),
    tick: z.object({ total: z.number().int(), everyMs: z.number() }),
    flood: z.object({ total: z.number().int() }),
  };
}
