/**
 * The code base as data: every rule is a pure function over a map of paths to texts, so that a test
 * can plant a violation without touching a file.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Path below some folder, with `/`, to source text. */
export type Sources = ReadonlyMap<string, string>;

export const REPOSITORY = path.join(import.meta.dirname, '../../../../..');

const SKIPPED = /(^|\/)(node_modules|dist|out|samples)\//;

/** All TypeScript and JavaScript modules below a folder of the repository; none if it is absent. */
export function readSources(folder: string): Sources {
  const root = path.join(REPOSITORY, folder);
  if (!existsSync(root)) return new Map();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.(ts|tsx|mts|mjs|js)$/.test(file) && !SKIPPED.test(file))
    .sort();
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

/** How a module is named by another: erased by the compiler, loaded at once, or on demand. */
export type ImportKind = 'type' | 'value' | 'dynamic';

export interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly kind: ImportKind;
}

export function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
}

/** Every import of every module, re-exports and `import()` included. */
export function importsOf(sources: Sources): readonly Import[] {
  const found: Import[] = [];
  for (const [file, text] of sources) {
    const kinds = staticKinds(parse(file, text));
    for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
      found.push({ file, specifier, kind: kinds.get(specifier) ?? 'dynamic' });
    }
  }
  return found;
}

/** The kind of each static import; one value import of a module outweighs its type imports. */
function staticKinds(source: ts.SourceFile): ReadonlyMap<string, ImportKind> {
  const kinds = new Map<string, ImportKind>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue;
    const { text: specifier } = moduleSpecifier;
    if (kinds.get(specifier) !== 'value')
      kinds.set(specifier, isErased(statement) ? 'type' : 'value');
  }
  return kinds;
}

function isErased(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    return statement.isTypeOnly || everyIsType(statement.exportClause);
  }
  const clause = statement.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return clause.name === undefined && everyIsType(clause.namedBindings);
}

function everyIsType(
  bindings: ts.NamedExportBindings | ts.NamedImportBindings | undefined,
): boolean {
  if (bindings === undefined) return false;
  if (!ts.isNamedExports(bindings) && !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

/** The file a relative specifier names, below the same folder as `file`. */
export function resolveRelative(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier);
}

export function isRelative(specifier: string): boolean {
  return specifier.startsWith('./') || specifier.startsWith('../');
}
