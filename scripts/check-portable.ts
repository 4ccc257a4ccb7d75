/**
 * Compiles the portable layers with the types of the web alone, which proves that they use nothing
 * only Node has. Files named `node-*.ts` are loaded on demand and may; what they report is left out.
 *
 * Usage: `npm run types`
 */
import path from 'node:path';
import ts from 'typescript';

const CONFIG = path.join(import.meta.dirname, '../tsconfig.portable.json');

const host: ts.ParseConfigFileHost = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic(diagnostic) {
    throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
  },
};

function isNodeFile(diagnostic: ts.Diagnostic): boolean {
  return path.basename(diagnostic.file?.fileName ?? '').startsWith('node-');
}

const config = ts.getParsedCommandLineOfConfigFile(CONFIG, {}, host);
if (config === undefined || config.fileNames.length === 0) throw new Error('nothing to compile');
const program = ts.createProgram(config.fileNames, config.options);
const problems = ts.getPreEmitDiagnostics(program).filter((found) => !isNodeFile(found));
if (problems.length > 0) {
  console.error(ts.formatDiagnostics(problems, ts.createCompilerHost(config.options)));
  process.exitCode = 1;
}
