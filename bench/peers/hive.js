/**
 * Hive Gateway, with its stitching runtime, or with the Rust planner.
 *
 *   node bench/peers/hive.js <subgraphs> [--router] [--cache]
 */
import './production.js';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { openDoor } from '../../dist/bench/side-door.js';
import { composeSupergraph } from './supergraph.js';

const [subgraphs, ...flags] = process.argv.slice(2);
const TEN_MINUTES = 600_000;

const gateway = createGatewayRuntime({
  supergraph: composeSupergraph(subgraphs),
  graphqlEndpoint: '/graphql',
  landingPage: false,
  graphiql: false,
  logging: false,
  ...(flags.includes('--router') && {
    unifiedGraphHandler: (await import('@graphql-hive/router-runtime')).unifiedGraphHandler,
  }),
  ...(flags.includes('--cache') && {
    cache: new (await import('@graphql-mesh/cache-inmemory-lru')).default(),
    responseCaching: { session: () => null, ttl: TEN_MINUTES },
  }),
});
const server = createServer(gateway);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  openDoor(`http://127.0.0.1:${server.address().port}`);
});
