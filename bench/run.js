/** `npm run bench`: compiles, then measures from dist/. */
import { build } from '../scripts/build.js';

await build();
await import('../dist/bench/main.js');
