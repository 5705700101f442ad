import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type {
  GraphQLArgument,
  GraphQLField,
  GraphQLInputType,
  GraphQLNamedType,
  GraphQLSchema,
} from 'graphql';

import { CAMPOS_DESMONTE } from '../gateway/desmonte/graphql.js';

/** A valid operation made by chance from a schema, the same for the same seed. */
export interface RandomOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** A small generator of its own, so that a seed printed by a failing test makes the same operation for ever. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  next(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state >>>= 0;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % below;
  }

  chance(of100: number): boolean {
    return this.next(100) < of100;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.next(values.length)] as T;
  }
}

const MAX_DEPTH = 6;
const MAX_FIELDS = 60;

/** Good, unknown and malformed values by the name of the argument: what readers really send. */
const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  codigo: ['05091', '54250', '05400', '05', '94885', '88001', '99998', '5091'],
  departamento: ['05', '54', '99', '5'],
  vigencia: [2019, 2020, 2021, 2024, 2025, 1850],
  desde: [2018, 2020],
  hasta: [2021, 2022, 2010],
  anio: [2024, 2030, 1990],
  first: [0, 1, 2, 3, 5_000],
  bpin: ['202400000002842', '2024000002842', '12', '2024000000012'],
  codigoChip: ['219105091', '21910509', 'x'],
  nit: ['890905211', '8001136727', '1'],
  codigoSigep: ['0847', '847'],
  region: ['SGR:RE001', 'PDET:x'],
  id: ['CO1.PCCNTR.1', 'x'],
};

export function randomOperation(schema: GraphQLSchema, seed: number): RandomOperation {
  return new Writer(schema, new Dice(seed)).write();
}

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #dice: Dice;
  readonly #fragments: string[] = [];
  readonly #definitions: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  #fields = 0;
  #names = 0;

  constructor(schema: GraphQLSchema, dice: Dice) {
    this.#schema = schema;
    this.#dice = dice;
  }

  write(): RandomOperation {
    const query = this.#schema.getQueryType();
    if (query == null) throw new Error('no Query');
    const count = 1 + this.#dice.next(3);
    // What the gateway says of itself has one execution only.
    const roots = Object.values(query.getFields()).filter(({ name }) => !CAMPOS_DESMONTE.has(name));
    const body = Array.from({ length: count }, () => this.#field(query, this.#dice.pick(roots), 1));
    const head =
      this.#definitions.length === 0 ? 'query R' : `query R(${this.#definitions.join(', ')})`;
    return {
      query: `${head} { ${body.join(' ')} }\n${this.#fragments.join('\n')}`,
      variables: this.#variables,
    };
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type)),
    );
    if (fields.length === 0) return '__typename';
    const wanted = this.#fields > MAX_FIELDS ? 1 : 1 + this.#dice.next(5);
    const parts = Array.from({ length: wanted }, () =>
      this.#field(type, this.#dice.pick(fields), depth + 1),
    );
    if (this.#dice.chance(15)) parts.push('__typename');
    if (isInterfaceType(type) && this.#dice.chance(70)) {
      const concrete = this.#dice.pick(this.#schema.getPossibleTypes(type));
      parts.push(`... on ${concrete.name} { ${this.#selection(concrete, depth + 1)} }`);
    } else if (this.#dice.chance(12)) parts.push(this.#fragment(type, depth));
    return parts.join(' ');
  }

  #fragment(type: GraphQLNamedType, depth: number): string {
    if (this.#dice.chance(50))
      return `... ${this.#condition()} { ${this.#selection(type, depth + 1)} }`;
    const name = `F${++this.#names}`;
    this.#fragments.push(
      `fragment ${name} on ${type.name} { ${this.#selection(type, depth + 1)} }`,
    );
    return `...${name} ${this.#condition()}`;
  }

  #condition(): string {
    if (!this.#dice.chance(25)) return '';
    const directive = this.#dice.pick(['skip', 'include']);
    if (this.#dice.chance(40)) return `@${directive}(if: ${this.#dice.chance(50)})`;
    return `@${directive}(if: ${this.#variable('Boolean!', this.#dice.chance(50))})`;
  }

  #variable(type: string, value: unknown): string {
    const name = `v${++this.#names}`;
    this.#definitions.push(`$${name}: ${type}`);
    this.#variables[name] = value;
    return `$${name}`;
  }

  /** Every field has an alias of its own, so that two uses with other arguments never conflict. */
  #field(_parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>, depth: number): string {
    this.#fields += 1;
    const args = field.args.flatMap((arg) => this.#argument(arg));
    const alias =
      this.#dice.chance(80) || args.length > 0
        ? `${field.name}${++this.#names}: `
        : `${this.#aliasAsKey()}: `;
    const call = args.length === 0 ? '' : `(${args.join(', ')})`;
    const type = getNamedType(field.type);
    const below = isCompositeType(type)
      ? ` { ${this.#selection(type, depth) || '__typename'} }`
      : '';
    return `${alias}${field.name}${call} ${this.#condition()}${below}`;
  }

  /** Aliases that look like keys of entities: nothing of the gateway may trust the name of a response key. */
  #aliasAsKey(): string {
    return `${this.#dice.pick(['codigo', 'bpin', 'id', 'nombre'])}${this.#dice.chance(100) ? ++this.#names : ''}`;
  }

  #argument(arg: GraphQLArgument): string[] {
    const required = isNonNullType(arg.type) && arg.defaultValue === undefined;
    if (!required && !this.#dice.chance(arg.name === 'first' ? 90 : 35)) return [];
    const value = this.#value(arg.name, arg.type);
    if (value === undefined) return [];
    if (this.#dice.chance(30)) return [`${arg.name}: ${this.#variable(String(arg.type), value)}`];
    return [`${arg.name}: ${literal(value, getNamedType(arg.type))}`];
  }

  #value(name: string, type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.#value(name, type.ofType);
    if (isListType(type)) return [this.#value(name, type.ofType)];
    if (isEnumType(type)) return this.#dice.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(() => this.#dice.chance(30));
      return Object.fromEntries(
        fields.map((field) => [field.name, this.#value(field.name, field.type)]),
      );
    }
    if (type.name === 'Fecha') return this.#dice.pick(['2025-01-01', '2024-02-30', '2018']);
    if (type.name === 'Dinero') return String(this.#dice.next(1_000_000));
    const samples = SAMPLES[name];
    if (samples !== undefined) return this.#dice.pick(samples);
    if (type.name === 'Int') return this.#dice.next(3_000);
    if (type.name === 'Boolean') return this.#dice.chance(50);
    return name === 'after' ? undefined : this.#dice.pick(['1', '2.1', 'x']);
  }
}

function literal(value: unknown, type: GraphQLNamedType): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, type)).join(', ')}]`;
  if (value !== null && typeof value === 'object' && isInputObjectType(type)) {
    const fields = type.getFields();
    const parts = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => {
        const field = fields[name];
        return field === undefined ? '' : `${name}: ${literal(item, getNamedType(field.type))}`;
      });
    return `{ ${parts.join(', ')} }`;
  }
  return isEnumType(type) ? String(value) : JSON.stringify(value);
}
