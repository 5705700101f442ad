/**
 * Apollo Gateway under Apollo Server, its standalone form.
 *
 *   node bench/peers/apollo.js <subgraphs>
 */
import './production.js';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { openDoor } from '../../dist/bench/side-door.js';
import { composeSupergraph } from './supergraph.js';

const [subgraphs] = process.argv.slice(2);
const server = new ApolloServer({
  gateway: new ApolloGateway({ supergraphSdl: composeSupergraph(subgraphs) }),
  plugins: [ApolloServerPluginCacheControlDisabled()],
});
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1', path: '/graphql' },
});
openDoor(new URL(url).origin.replace('localhost', '127.0.0.1'));
