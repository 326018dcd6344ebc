// Reads the component names and allowed props of HubSpot's SDK, so that the host needs no hand-typed list.
// Names: a regular expression over the compiled registry (the same list the SDK's own test renderer enforces).
// Props: the SDK's type declarations through the TypeScript compiler.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const NAME_CALL = /createAndRegisterRemote(?:Compound)?ReactComponent\('(\w+)'/g;

/** Folder of the installed @hubspot/ui-extensions, seen from `from` (a file path). */
export function sdkFolder(from) {
  const require = createRequire(from);
  const entry = require.resolve('@hubspot/ui-extensions');
  return path.dirname(path.dirname(entry));
}

/** All wire names the SDK registers, sorted. Throws when the registry file has moved (SDK upgrade). */
export function wireNames(sdk) {
  const registry = path.join(sdk, 'dist/shared.synced/remoteComponents.synced.js');
  const names = [...fs.readFileSync(registry, 'utf8').matchAll(NAME_CALL)].map((match) => match[1]);
  if (names.length === 0) throw new Error(`No component names found in ${registry}`);
  return [...new Set(names)].sort();
}

/** Names of props that are fragments (React elements sent as a subtree), by wire name. */
function fragmentProps(sdk) {
  const registry = path.join(sdk, 'dist/shared.synced/remoteComponents.synced.js');
  const source = fs.readFileSync(registry, 'utf8');
  const result = {};
  const call = /ReactComponent\('(\w+)', \{\s*fragmentProps: \[([^\]]*)\]/g;
  for (const [, name, list] of source.matchAll(call)) {
    result[name] = [...list.matchAll(/'(\w+)'/g)].map((match) => match[1]);
  }
  return result;
}

/**
 * Describes every component of the SDK.
 * Answer: {sdkVersion, components: {wireName: {props: {name: {values?}}, fragments: []}}};
 * `values` lists the allowed strings where the declared type is a closed set of them.
 * Throws when a registered name has no declared props; the code below then needs an update.
 */
export async function readCatalogue(sdk) {
  const { default: ts } = await import('typescript');
  const declaration = path.join(sdk, 'dist/shared.synced/remoteComponents.synced.d.ts');
  const program = ts.createProgram([declaration], {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    allowImportingTsExtensions: true,
    jsx: ts.JsxEmit.ReactJSX,
    skipLibCheck: true,
    strict: true,
    noEmit: true,
  });
  const reader = new PropReader(ts, program, program.getSourceFile(declaration));
  const fragments = fragmentProps(sdk);
  const components = {};
  for (const name of wireNames(sdk)) {
    components[name] = { props: reader.propsOf(name), fragments: fragments[name] ?? [] };
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(sdk, 'package.json'), 'utf8'));
  return { sdkVersion: version, components };
}

class PropReader {
  constructor(ts, program, source) {
    this.ts = ts;
    this.checker = program.getTypeChecker();
    this.source = source;
    this.typeFiles = program
      .getSourceFiles()
      .filter((file) => file.fileName.includes('/shared.synced/types/'));
    this.exported = new Map();
    const module = this.checker.getSymbolAtLocation(source);
    for (const symbol of this.checker.getExportsOfModule(module)) {
      this.exported.set(symbol.getName(), this.checker.getTypeOfSymbolAtLocation(symbol, source));
    }
  }

  /** `DropdownButtonItem` is declared as the property `ButtonItem` of `Dropdown`. */
  componentType(name) {
    const direct = this.exported.get(name);
    if (direct) return direct;
    for (const [parent, type] of this.exported) {
      if (!name.startsWith(parent)) continue;
      const member = type.getProperty(name.slice(parent.length));
      if (member) return this.checker.getTypeOfSymbolAtLocation(member, this.source);
    }
    throw new Error(`The SDK registers ${name} but declares no type for it`);
  }

  propsOf(name) {
    const props = {};
    for (const signature of this.callSignatures(this.componentType(name))) {
      const type = this.checker.getTypeOfSymbolAtLocation(signature.getParameters()[0], this.source);
      for (const variant of type.isUnion() ? type.types : [type]) this.addProps(props, variant);
    }
    // Compound components (Dropdown, PageHeader) are declared with unknown props; their real type is `<Name>Props`.
    if (Object.keys(props).length === 0) this.addProps(props, this.declaredProps(`${name}Props`));
    return Object.fromEntries(Object.entries(props).sort(([a], [b]) => a.localeCompare(b)));
  }

  /** The interface of that name in one of the SDK's type files. */
  declaredProps(typeName) {
    for (const file of this.typeFiles) {
      const module = this.checker.getSymbolAtLocation(file);
      const symbol =
        module && this.checker.getExportsOfModule(module).find((each) => each.getName() === typeName);
      if (symbol) return this.checker.getDeclaredTypeOfSymbol(symbol);
    }
    throw new Error(`The SDK declares no type ${typeName}`);
  }

  /** A ComponentType is a union of a class and a function; the function's first parameter holds the props. */
  callSignatures(type) {
    const members = type.isUnion() || type.isIntersection() ? type.types : [type];
    const found = members.flatMap((member) =>
      member.isUnion() || member.isIntersection()
        ? this.callSignatures(member)
        : [...member.getCallSignatures()],
    );
    return found;
  }

  addProps(props, type) {
    for (const symbol of this.checker.getPropertiesOfType(type)) {
      const name = symbol.getName();
      const values = this.closedStrings(this.checker.getTypeOfSymbolAtLocation(symbol, this.source));
      const known = props[name];
      if (!known) props[name] = values ? { values } : {};
      else if (known.values && values) known.values = [...new Set([...known.values, ...values])].sort();
      else delete known.values;
    }
  }

  /** The allowed strings, or null when the type allows other values besides undefined. */
  closedStrings(type) {
    const skip = this.ts.TypeFlags.Undefined | this.ts.TypeFlags.Null;
    const members = (type.isUnion() ? type.types : [type]).filter((member) => !(member.flags & skip));
    if (members.length === 0 || !members.every((member) => member.isStringLiteral())) return null;
    return members.map((member) => member.value).sort();
  }
}
