/**
 * mercurius gateway, with its JIT from the first repetition on.
 *
 *   node bench/peers/mercurius.js <subgraphs>
 */
import './production.js';
import fastify from 'fastify';
import mercuriusGateway from '@mercuriusjs/gateway';
import { openDoor } from '../../dist/bench/side-door.js';
import { SUBGRAPHS } from './sdl.js';

const [subgraphs] = process.argv.slice(2);
const app = fastify();
await app.register(mercuriusGateway, {
  jit: 1,
  path: '/graphql',
  gateway: {
    services: [...SUBGRAPHS.keys()].map((name) => ({
      name,
      url: `${subgraphs}/${name}`,
      mandatory: true,
    })),
  },
});
openDoor(await app.listen({ port: 0, host: '127.0.0.1' }));
