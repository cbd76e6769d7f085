import { type Expression, parseSync, Visitor } from 'oxc-parser';

export interface Import {
  /** As written; undefined for a dynamic import of something computed. */
  readonly from: string | undefined;
  /** Whether only types come over it. */
  readonly typeOnly: boolean;
  /** Whether it is loaded when the importing code runs, and not with the file. */
  readonly isLate: boolean;
}

/** The properties of one source that the rules check. */
export interface Source {
  /** Imports, re-exports, dynamic imports and `import('…')` types. */
  readonly imports: readonly Import[];
  /** The member of `process` through which the source ends the process, or sets its exit code. */
  readonly exits: string | undefined;
  /** Texts with which a property `kind` is compared. */
  readonly kinds: readonly string[];
  /** Names that the source defines and exports; what it passes on from another source is not its own. */
  readonly exports: readonly string[];
}

const EXITS: ReadonlySet<string> = new Set(['exit', 'exitCode', 'reallyExit', 'abort']);

/** @throws {Error} when the source is not TypeScript */
export function readSource(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const imports: Import[] = [];
  const kinds: string[] = [];
  let exits: string | undefined;
  const add = (source: { readonly value: string }, isType: boolean): void => {
    imports.push({ from: source.value, typeOnly: isType, isLate: false });
  };
  const allTypes = (specifiers: readonly object[]): boolean =>
    specifiers.length > 0 &&
    specifiers.every(
      (specifier) =>
        ('importKind' in specifier && specifier.importKind === 'type') ||
        ('exportKind' in specifier && specifier.exportKind === 'type'),
    );
  const comparedKind = (a: Expression, b: Expression): void => {
    const subject = a.type === 'ChainExpression' ? a.expression : a;
    const isKind =
      subject.type === 'MemberExpression' &&
      subject.property.type === 'Identifier' &&
      subject.property.name === 'kind';
    if (isKind && b.type === 'Literal' && typeof b.value === 'string') kinds.push(b.value);
  };
  new Visitor({
    BinaryExpression: ({ left, right }) => {
      comparedKind(left, right);
      comparedKind(right, left);
    },
    SwitchStatement: ({ discriminant, cases }) => {
      for (const { test } of cases) if (test !== null) comparedKind(discriminant, test);
    },
    ImportDeclaration: ({ source, importKind, specifiers }) =>
      add(source, importKind === 'type' || allTypes(specifiers)),
    ExportAllDeclaration: ({ source, exportKind }) => add(source, exportKind === 'type'),
    ExportNamedDeclaration: ({ source, exportKind, specifiers }) => {
      if (source) add(source, exportKind === 'type' || allTypes(specifiers));
    },
    ImportExpression: ({ source }) => {
      const from = source.type === 'Literal' && typeof source.value === 'string' ? source.value : undefined;
      imports.push({ from, typeOnly: false, isLate: true });
    },
    TSImportType: ({ source }) => add(source, true),
    MemberExpression: ({ object, property }) => {
      if (object.type !== 'Identifier' || object.name !== 'process') return;
      const name =
        property.type === 'Identifier' ? property.name : property.type === 'Literal' ? property.value : null;
      if (typeof name === 'string' && EXITS.has(name)) exits ??= name;
    },
  }).visit(program);
  const exports = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest, exportName }) =>
      moduleRequest || exportName.name === null ? [] : [exportName.name],
    );
  return { imports, exits, kinds, exports };
}
