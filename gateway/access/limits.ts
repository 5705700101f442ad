import { GraphQLError, Kind, parse } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

/**
 * Limits that hold before validation, because validation itself can be made to take seconds: on the raw text first, then
 * on the tree with fragments counted as often as they are spread.
 */
export interface Limits {
  readonly bytes: number;
  readonly tokens: number;
  /** Nesting of braces, brackets and parentheses in the text: the parser recurses on them. */
  readonly nesting: number;
  readonly depth: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fragments: number;
  /** Selections after every fragment is expanded where it is spread. */
  readonly selections: number;
  /** Pairs of fields that validation would compare because they share a response key. */
  readonly overlaps: number;
}

export const ANONYMOUS_LIMITS: Limits = {
  bytes: 256 * 1024,
  tokens: 2_000,
  nesting: 200,
  depth: 16,
  rootFields: 20,
  aliases: 60,
  directives: 50,
  fragments: 60,
  selections: 3_000,
  overlaps: 2_000,
};

export const TRUSTED_LIMITS: Limits = {
  ...ANONYMOUS_LIMITS,
  tokens: 10_000,
  selections: 10_000,
  aliases: 200,
  rootFields: 50,
};

/** Response keys that would reach into the prototype of an object, or into the private names of the gateway. */
const FORBIDDEN_KEYS = new Set([
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toJSON',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]);

const refuse = (code: string, mensaje: string, campo: string, ejemplo: string): GraphQLError =>
  new GraphQLError(mensaje, { extensions: { code, campo, ejemplo, http: { status: 400 } } });

const tooLarge = (what: string, limit: number): GraphQLError =>
  refuse(
    'CONSULTA_EXCESIVA',
    `La consulta pasa el límite de ${what}: ${limit}.`,
    'query',
    'pida menos campos por consulta',
  );

/** Parses a document within the limits; throws what it refuses. Its cost is linear in the text. */
export function parseWithin(text: string, limits: Limits): DocumentNode {
  if (Buffer.byteLength(text) > limits.bytes) throw tooLarge('tamaño en bytes', limits.bytes);
  checkNesting(text, limits.nesting);
  const document = parseTokens(text, limits.tokens);
  checkDocument(document, limits);
  return document;
}

function parseTokens(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens, noLocation: false });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes('Parsing aborted')) throw tooLarge('elementos del texto', maxTokens);
    throw refuse(
      'CONSULTA_MAL_ESCRITA',
      `La consulta no es GraphQL válido: ${error.message}`,
      'query',
      '{ sistemas { id } }',
    );
  }
}

/** Brackets inside strings and comments count too: the limit is far above what any honest text has. */
function checkNesting(text: string, limit: number): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x7b || char === 0x5b || char === 0x28) depth += 1;
    else if (char === 0x7d || char === 0x5d || char === 0x29) depth -= 1;
    if (depth > limit) throw tooLarge('anidamiento', limit);
  }
}

/** What a selection set weighs once its fragments are expanded. */
interface Weight {
  readonly selections: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
}

function checkDocument(document: DocumentNode, limits: Limits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  if (fragments.size > limits.fragments) throw tooLarge('fragmentos', limits.fragments);
  const weigh = createWeigher(fragments, limits);
  for (const definition of document.definitions) {
    if (
      definition.kind !== Kind.OPERATION_DEFINITION &&
      definition.kind !== Kind.FRAGMENT_DEFINITION
    )
      continue;
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      for (const { variable } of definition.variableDefinitions ?? [])
        checkKey(variable.name.value);
    }
    const weight = weigh(definition.selectionSet);
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const roots = new Map<string, FieldNode[]>();
      flatten(definition.selectionSet, fragments, roots, new Set());
      if (roots.size > limits.rootFields) throw tooLarge('campos en la raíz', limits.rootFields);
    }
    if (weight.depth > limits.depth) throw tooLarge('profundidad', limits.depth);
    if (weight.aliases > limits.aliases) throw tooLarge('alias', limits.aliases);
    if (weight.directives > limits.directives) throw tooLarge('directivas', limits.directives);
  }
  checkOverlaps(document, fragments, limits);
}

/** Weighs each fragment once, so that a bomb of nested spreads costs its text and not its expansion. */
function createWeigher(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limits: Limits,
): (set: SelectionSetNode) => Weight {
  const known = new Map<string, Weight>();
  const open = new Set<string>();
  const ofFragment = (name: string): Weight => {
    const done = known.get(name);
    if (done !== undefined) return done;
    const definition = fragments.get(name);
    // An unknown fragment is validation's to name.
    if (definition === undefined) return NOTHING;
    if (open.has(name)) throw cyclic(name);
    open.add(name);
    const weight = weigh(definition.selectionSet);
    open.delete(name);
    known.set(name, weight);
    return weight;
  };
  const weigh = (set: SelectionSetNode): Weight => {
    let total = NOTHING;
    for (const node of set.selections) {
      const below =
        node.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(node.name.value)
          : node.selectionSet === undefined
            ? NOTHING
            : weigh(node.selectionSet);
      const alias = node.kind === Kind.FIELD && node.alias !== undefined;
      if (alias) checkKey(node.alias.value);
      total = {
        selections: total.selections + below.selections + 1,
        depth: Math.max(total.depth, below.depth + (node.kind === Kind.FIELD ? 1 : 0)),
        aliases: total.aliases + below.aliases + (alias ? 1 : 0),
        directives: total.directives + below.directives + (node.directives?.length ?? 0),
      };
      if (total.selections > limits.selections)
        throw tooLarge('campos con fragmentos expandidos', limits.selections);
    }
    return total;
  };
  return weigh;
}

/** Refused here because what comes after walks fragments where they are spread, and would never end. */
const cyclic = (name: string): GraphQLError =>
  refuse(
    'CONSULTA_MAL_ESCRITA',
    `El fragmento ${name.slice(0, 40)} se contiene a sí mismo.`,
    'query',
    'fragment Datos on Municipio { nombre }',
  );

const NOTHING: Weight = { selections: 0, depth: 0, aliases: 0, directives: 0 };

function checkKey(name: string): void {
  if (!FORBIDDEN_KEYS.has(name) && !name.startsWith('_')) return;
  throw refuse(
    'CLAVE_DE_RESPUESTA_INVALIDA',
    `«${name.slice(0, 40)}» no puede usarse como alias ni como variable.`,
    'query',
    'total: poblacion',
  );
}

/** Fields under one response key are compared pair by pair by validation, wherever fragments brought them from. */
function checkOverlaps(
  document: DocumentNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limits: Limits,
): void {
  let pairs = 0;
  const visit = (sets: readonly SelectionSetNode[]): void => {
    const byKey = new Map<string, FieldNode[]>();
    for (const set of sets) flatten(set, fragments, byKey, new Set());
    for (const nodes of byKey.values()) {
      pairs += (nodes.length * (nodes.length - 1)) / 2;
      if (pairs > limits.overlaps) throw tooLarge('campos repetidos', limits.overlaps);
      const below = nodes.flatMap((node) =>
        node.selectionSet === undefined ? [] : [node.selectionSet],
      );
      if (below.length > 0) visit(below);
    }
  };
  for (const definition of document.definitions) {
    // Fragments on their own too: validation compares the fields of those that nobody spreads.
    if (
      definition.kind === Kind.OPERATION_DEFINITION ||
      definition.kind === Kind.FRAGMENT_DEFINITION
    ) {
      visit([definition.selectionSet]);
    }
  }
}

function flatten(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  byKey: Map<string, FieldNode[]>,
  open: Set<string>,
): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const nodes = byKey.get(key);
      if (nodes === undefined) byKey.set(key, [node]);
      else nodes.push(node);
    } else if (node.kind === Kind.INLINE_FRAGMENT)
      flatten(node.selectionSet, fragments, byKey, open);
    else if (!open.has(node.name.value)) {
      const fragment = fragments.get(node.name.value);
      if (fragment === undefined) continue;
      open.add(node.name.value);
      flatten(fragment.selectionSet, fragments, byKey, open);
      open.delete(node.name.value);
    }
  }
}
