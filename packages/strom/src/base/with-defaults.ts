/** The defaults, with what the options say in their place. */
export function withDefaults<Limits extends object>(
  defaults: Limits,
  options: Partial<Limits>,
): Limits {
  const limits = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof Limits)[]) {
    limits[key] = options[key] ?? defaults[key];
  }
  return limits;
}
