/**
 * Compiles, then measures from dist/.
 *
 *   npm run bench                what the product costs over the fewest calls (bench/main.ts)
 *   npm run bench -- carga       records a second into the single store, beside the engine's own limit
 *   npm run bench -- censo       a census of 10^6 records by their local digests
 */
import { build } from '../scripts/build.js';

const [first] = process.argv.slice(2);
const name = ['carga', 'censo'].find((one) => one === first) ?? 'main';

await build();
await import(`../dist/bench/${name}.js`);
