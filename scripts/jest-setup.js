import { build } from './build.js';

export default async function setup() {
  await build();
}
