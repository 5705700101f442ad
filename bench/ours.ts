/**
 * The product under measure: its own gateway and server in a process of its own, over the sources of the benchmark.
 *
 *   node dist/bench/ours.js <upstream> <data dir> [--stitched] [--real] [--cache]
 */
import { ADAPTERS } from '../adapters/index.js';
import { openGateway } from '../gateway/gateway.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { finanzas } from '../subgraphs/finanzas/index.js';
import { territorio } from '../subgraphs/territorio/index.js';
import { RESUMENES } from './grain.js';
import { registrationOf, resumenSubgraphs } from './resumen-subgraphs.js';
import { openDoor } from './side-door.js';

const [upstream = '', dataDir = '', ...flags] = process.argv.slice(2);
const isReal = flags.includes('--real');

const registrations = isReal
  ? ADAPTERS.filter(({ id }) => id === 'cuipo')
  : RESUMENES.map((resumen) => registrationOf(resumen, upstream));

const settings = readSettings(
  {
    PORT: '0',
    SUGIT_DATA_DIR: dataDir,
    SUGIT_CACHE_TTL_S: flags.includes('--cache') ? '600' : '0',
    CUIPO_BASE_URL: upstream,
  },
  registrations,
);
const gateway = await openGateway({
  settings,
  registrations,
  subgraphs: isReal ? [territorio, finanzas] : [territorio, ...resumenSubgraphs],
  log: (message, error) => {
    process.stderr.write(`${message} ${error instanceof Error ? (error.stack ?? '') : ''}\n`);
  },
});
if (flags.includes('--stitched')) {
  const { executor } = gateway;
  executor.execute = (operation, context) => executor.executeStitched(operation, context);
}
const server = await startServer(gateway, null);
openDoor(server.url.replace('localhost', '127.0.0.1'));
