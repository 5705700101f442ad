import type { ASTNode, GraphQLError, Token } from 'graphql';
import { Kind, TokenKind } from 'graphql';

/** A value that is not of the type of its argument or variable, in the words of every other wrong value. */
export interface ValueError {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly campo: string; readonly ejemplo: string };
}

const VALUES: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
]);

/** Good values of the arguments whose type is not one of ours, which bring their own example. */
const EJEMPLOS: Readonly<Partial<Record<string, string>>> = {
  vigencia: '2025',
  desde: '2018',
  hasta: '2025',
  anio: '2025',
  first: '20',
  periodo: 'T4',
  orden: 'CODIGO',
  formulario: 'INGRESOS',
  esquema: 'PDET',
};
const VIGENCIAS: ReadonlySet<string> = new Set(['vigencia', 'desde', 'hasta', 'anio']);

/** What graphql-js says of a value of another type; null for anything else that validation finds. */
export function toValueError(error: Pick<GraphQLError, 'nodes' | 'extensions'>): ValueError | null {
  const node = error.nodes?.[0];
  const campo = node === undefined ? null : campoOf(node);
  if (campo === null) return null;
  const own = error.extensions['ejemplo'];
  const ejemplo = typeof own === 'string' ? own : (EJEMPLOS[campo] ?? exampleOfType(node));
  const isVigencia = typeof own !== 'string' && VIGENCIAS.has(campo);
  return {
    message: `El valor de «${campo}» no es del tipo que se espera, por ejemplo ${ejemplo}.`,
    extensions: { code: isVigencia ? 'VIGENCIA_INVALIDA' : 'VALOR_INVALIDO', campo, ejemplo },
  };
}

/** A variable may have any name, but says its type. */
function exampleOfType(node: ASTNode | undefined): string {
  if (node?.kind !== Kind.VARIABLE_DEFINITION) return EN_EL_ESQUEMA;
  let { type } = node;
  while (type.kind !== Kind.NAMED_TYPE) type = type.type;
  return type.name.value === 'Int' ? '2025' : EN_EL_ESQUEMA;
}

const EN_EL_ESQUEMA = 'el que muestra el esquema';

/** The argument that carries the value, or the variable. */
function campoOf(node: ASTNode): string | null {
  if (node.kind === Kind.VARIABLE_DEFINITION) return node.variable.name.value;
  if (!VALUES.has(node.kind)) return null;
  let token: Token | null | undefined = node.loc?.startToken;
  // Inside a list the name stands before its bracket.
  while (token && token.kind !== TokenKind.COLON) token = token.prev;
  return token?.prev?.value ?? null;
}
