import type { ValueNode } from 'graphql';
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isDecimal } from '../../schema/values/decimal.js';

/** With its node, so that what speaks to readers can name the argument. */
const problem = (name: string, example: string, node: ValueNode | undefined): GraphQLError =>
  new GraphQLError(`${name}: se esperaba un texto como ${example}.`, {
    ...(node === undefined ? {} : { nodes: node }),
    extensions: { code: 'VALOR_INVALIDO', campo: name, ejemplo: example },
  });

/** Codes travel as text; what they mean is checked by the field that takes them, which can name its argument. */
function textScalar(name: string, example: string): GraphQLScalarType {
  const parse = (value: unknown, node?: ValueNode): string => {
    if (typeof value !== 'string') throw problem(name, example, node);
    return value;
  };
  return new GraphQLScalarType({
    name,
    serialize: (value) => {
      if (typeof value !== 'string') throw new TypeError(`${name} is not text`);
      return value;
    },
    parseValue: (value) => parse(value),
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined, node),
  });
}

/** Exact decimals: text in canonical form, never a number, so that no peso is lost on the way. */
function decimalScalar(name: string): GraphQLScalarType {
  const parse = (value: unknown, node?: ValueNode): string => {
    if (typeof value !== 'string' || !isDecimal(value)) throw problem(name, '1234.5', node);
    return value;
  };
  return new GraphQLScalarType({
    name,
    serialize: (value) => {
      // Stitching parses what a subgraph serialised, and turns what it cannot parse into a null without an error.
      if (typeof value !== 'string' || !isDecimal(value))
        throw new TypeError(`${name} is not exact decimal text`);
      return value;
    },
    parseValue: (value) => parse(value),
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined, node),
  });
}

export const scalarResolvers: Readonly<Record<string, GraphQLScalarType>> = {
  CodigoDivipola: textScalar('CodigoDivipola', '05091'),
  CodigoChip: textScalar('CodigoChip', '219105091'),
  Nit: textScalar('Nit', '890905211'),
  Bpin: textScalar('Bpin', '202400000002842'),
  Fecha: textScalar('Fecha', '2025-12-31'),
  FechaHora: textScalar('FechaHora', '2025-12-31T05:00:00Z'),
  Dinero: decimalScalar('Dinero'),
  Decimal: decimalScalar('Decimal'),
};
