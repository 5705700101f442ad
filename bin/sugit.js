#!/usr/bin/env node
import { build } from '../scripts/build.js';

// Libraries check much more of what they are given where this is not said.
process.env.NODE_ENV ??= 'production';

if (process.argv[2] === 'build') {
  await build({ force: true });
} else {
  await build();
  const { main } = await import('../dist/gateway/cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
}
