import type { GraphQLResolveInfo } from 'graphql';
import type { Path } from '../plan/slot.js';

export function pathToArray(path: GraphQLResolveInfo['path']): Path {
  const parts: Path = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at !== undefined; at = at.prev) {
    parts.unshift(at.key);
  }
  return parts;
}
