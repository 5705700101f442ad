/**
 * GraphQL Mesh over the REST form of the sources: composed from JSON Schema, served by the runtime that Mesh serves with.
 *
 *   node bench/peers/mesh.js <subgraphs>
 */
import './production.js';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { getComposedSchemaFromConfig } from '@graphql-mesh/compose-cli';
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema';
import { GraphQLInt, GraphQLScalarType, GraphQLSchema } from 'graphql';
import { RESUMENES } from '../../dist/bench/grain.js';
import { openDoor } from '../../dist/bench/side-door.js';

const [subgraphs] = process.argv.slice(2);

const TEXT = { type: 'string' };
/** The loader has no scalars of ours for arguments; the variables of the queries are of this one. */
const codigoDivipola = new GraphQLScalarType({ name: 'CodigoDivipola' });

const objectOf = (title, properties, required = []) => ({
  type: 'object',
  title,
  properties,
  required,
  additionalProperties: false,
});

const municipio = objectOf('Municipio', { codigo: TEXT, nombre: TEXT }, ['codigo', 'nombre']);
const municipios = objectOf('Municipios', {
  edges: { type: 'array', items: objectOf('MunicipioEdge', { node: municipio }) },
});
const departamento = objectOf('Departamento', { codigo: TEXT, nombre: TEXT, municipios });

const query = (field, path, responseSchema, more = {}) => ({
  type: 'Query',
  method: 'GET',
  field,
  path,
  responseSchema,
  ...more,
});

/** Says by which field and argument Municipio is found in a source. */
function addMerge(schema, subgraph, fieldName, keyArg) {
  const field = schema.getQueryType().getFields()[fieldName];
  const type = schema.getType('Municipio');
  const extend = (element, directives) => {
    element.extensions = {
      ...element.extensions,
      directives: { ...element.extensions?.directives, ...directives },
    };
  };
  extend(field, { merge: [{ subgraph, keyField: 'codigo', keyArg }] });
  extend(type, { key: [{ fields: 'codigo' }] });
  return schema;
}

const places = {
  sourceHandler: loadJSONSchemaSubgraph('territorio', {
    endpoint: subgraphs,
    operations: [
      query('municipio', '/rest/municipio/{args.codigo}', municipio, {
        argTypeMap: { codigo: TEXT },
      }),
      query('municipios', '/rest/municipios', municipios, {
        argTypeMap: { first: { type: 'integer' } },
        queryParamArgMap: { first: 'first' },
      }),
      query('departamento', '/rest/departamento/{args.codigo}', departamento, {
        argTypeMap: { codigo: TEXT },
      }),
    ],
  }),
  transforms: [
    (schema) => {
      const { municipios: field } = schema.getType('Departamento').getFields();
      field.args.push({ name: 'first', type: GraphQLInt, extensions: {} });
      const { municipio: one, departamento: other } = schema.getQueryType().getFields();
      for (const arg of [...one.args, ...other.args]) arg.type = codigoDivipola;
      return new GraphQLSchema(addMerge(schema, 'territorio', 'municipio', 'codigo').toConfig());
    },
  ],
};

function systemOf({ campo, tipo, columnas, registro }) {
  const name = campo.toLowerCase();
  // A root field of its own for each source: equal names would be one field.
  const fieldName = `${campo}DeCodigos`;
  const properties = Object.fromEntries(
    columnas.map((column) => [
      column,
      { type: registro.campos[column].tipo === 'entero' ? 'integer' : 'string' },
    ]),
  );
  const row = objectOf('Municipio', { codigo: TEXT, [campo]: objectOf(tipo, properties) }, [
    'codigo',
  ]);
  return {
    sourceHandler: loadJSONSchemaSubgraph(name, {
      endpoint: subgraphs,
      queryStringOptions: { arrayFormat: 'comma' },
      operations: [
        query(
          fieldName,
          `/rest/${name}/municipios`,
          { type: 'array', items: row },
          {
            argTypeMap: { [fieldName]: { type: 'array', items: TEXT } },
            queryParamArgMap: { codigo: fieldName },
          },
        ),
      ],
    }),
    transforms: [(schema) => addMerge(schema, name, fieldName, fieldName)],
  };
}

const silent = () => undefined;
const logger = { log: silent, info: silent, debug: silent, warn: silent, error: console.error };
logger.child = () => logger;
const supergraph = await getComposedSchemaFromConfig(
  { subgraphs: [places, ...RESUMENES.map(systemOf)] },
  logger,
);

const gateway = createGatewayRuntime({
  supergraph,
  graphqlEndpoint: '/graphql',
  landingPage: false,
  graphiql: false,
  logging: false,
});
const server = createServer(gateway);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  openDoor(`http://127.0.0.1:${server.address().port}`);
});
