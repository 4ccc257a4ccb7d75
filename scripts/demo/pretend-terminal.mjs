// Loaded before the command line when the demo is recorded: its standard error is a pipe, and this
// makes it draw as on a terminal of this width.
Object.assign(process.stderr, { isTTY: true, columns: Number(process.env['DEMO_COLUMNS']) });
