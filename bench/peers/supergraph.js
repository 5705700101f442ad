/** The supergraph of the subgraphs served at an address, composed by Apollo's own composition. */
import { parse } from 'graphql';
import { composeServices } from '@apollo/composition';
import { SUBGRAPHS } from './sdl.js';

export function composeSupergraph(subgraphs) {
  const services = [...SUBGRAPHS].map(([name, sdl]) => ({
    name,
    url: `${subgraphs}/${name}`,
    typeDefs: parse(sdl),
  }));
  const { errors, supergraphSdl } = composeServices(services);
  if (errors !== undefined) throw new AggregateError(errors, String(errors[0]));
  return supergraphSdl;
}
