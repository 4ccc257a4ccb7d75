import ts from 'typescript';
import { parse } from './sources.ts';

/**
 * What a module of `entry/` offers: values by name, types as `type Name`.
 *
 * @throws {Error} when it does anything but re-export by name
 */
export function entryExports(file: string, text: string): readonly string[] {
  return parse(file, text).statements.flatMap((statement) => {
    const isReExport = ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
    if (!isReExport || !statement.exportClause || !ts.isNamedExports(statement.exportClause)) {
      throw new Error(`${file}: only re-exports by name belong here`);
    }
    return statement.exportClause.elements.map((element) =>
      statement.isTypeOnly || element.isTypeOnly ? `type ${element.name.text}` : element.name.text,
    );
  });
}
