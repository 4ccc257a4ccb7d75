/**
 * Compiles every `ts` block of the documents and of the doc comments, each as a module of its own.
 * Names that need no import are those of `snippets/context.d.ts`.
 *
 * Usage: `npm run snippets`, after a build
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { extractSnippets, type Snippet } from './snippets/extract.ts';

const ROOT = path.join(import.meta.dirname, '..');
const CONTEXT = path.join(import.meta.dirname, 'snippets/context.d.ts');
const FOLDERS = ['docs', 'packages/strom/src', 'packages/documents/src'];

function documents(): readonly string[] {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      path.join(folder, file),
    ),
  );
  const readmes = readdirSync(path.join(ROOT, 'packages')).map(
    (name) => `packages/${name}/README.md`,
  );
  const top = [
    ...readdirSync(ROOT),
    ...readmes.filter((file) => existsSync(path.join(ROOT, file))),
  ];
  return [...top.filter((file) => file.endsWith('.md')), ...below].filter((file) =>
    /(\.md|(?<!\.d)\.ts)$/.test(file),
  );
}

function compilerOptions(): ts.CompilerOptions {
  const file = path.join(ROOT, 'tsconfig.base.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  return {
    ...options,
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
}

/** A host on which each snippet is a file at the top of the repository. */
function hostFor(snippets: ReadonlyMap<string, Snippet>, options: ts.CompilerOptions) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => snippets.has(file) || fileExists(file);
  host.readFile = (file) => snippets.get(file)?.code ?? readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const snippet = snippets.get(file);
    return snippet === undefined
      ? getSourceFile(file, languageVersion, ...rest)
      : ts.createSourceFile(file, snippet.code, languageVersion, true);
  };
  return host;
}

function describeProblem(found: ts.Diagnostic, snippets: ReadonlyMap<string, Snippet>): string {
  const text = ts.flattenDiagnosticMessageText(found.messageText, '\n');
  const { file, start = 0 } = found;
  const snippet = file && snippets.get(file.fileName);
  if (file === undefined || snippet === undefined) return text;
  const line = snippet.line + file.getLineAndCharacterOfPosition(start).line;
  return `${snippet.file}:${line}: ${text}`;
}

const all = documents().flatMap((file) =>
  extractSnippets(file, readFileSync(path.join(ROOT, file), 'utf8')),
);
const snippets = new Map(
  all.map((snippet, index) => [path.join(ROOT, `snippet-${index}.ts`), snippet]),
);
const options = compilerOptions();
const program = ts.createProgram(
  [CONTEXT, ...snippets.keys()],
  options,
  hostFor(snippets, options),
);
const problems = ts.getPreEmitDiagnostics(program);
for (const problem of problems) console.error(describeProblem(problem, snippets));
console.log(`${all.length} snippets, ${problems.length} problems`);
if (problems.length > 0 || all.length === 0) process.exitCode = 1;
