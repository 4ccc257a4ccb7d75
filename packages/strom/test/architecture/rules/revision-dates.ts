import ts from 'typescript';
import { parse, type Sources } from './sources.ts';

const DATE = /\b20\d\d-\d\d-\d\d\b/;

/** Only the codecs know revisions; everything else would be written anew for the next one. */
const ALLOWED = 'protocol/';

/**
 * Text in code, outside `protocol/`, that names a revision of the specification. Comments may; so
 * may imports of its generated types, which are the vocabulary of the whole library.
 */
export function revisionDates(sources: Sources): readonly string[] {
  const found: string[] = [];
  for (const [file, text] of sources) {
    if (file.startsWith(ALLOWED)) continue;
    const visit = (node: ts.Node): void => {
      if (isText(node) && DATE.test(node.text) && !isSpecImport(node)) {
        found.push(`${file}: ${node.text}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(parse(file, text));
  }
  return found;
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return (
    ts.isLiteralExpression(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}

function isSpecImport(node: ts.Node): boolean {
  return (
    ts.isStringLiteral(node) &&
    (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent)) &&
    /\/protocol\/spec\/[^/]+$/.test(node.text)
  );
}
