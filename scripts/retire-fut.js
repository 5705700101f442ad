/**
 * Lives the retirement of the FUT's budget forms in the sandbox, from legacy to retired, in a folder and on ports of its own.
 * The last line is the summary or the reason; exit 0 proven, 1 not proven.
 *
 *   npm run retire-fut                   2012 to 2020, the whole nation
 *   npm run retire-fut -- --reducido     department 05, 2019 and 2020
 *   npm run retire-fut -- --departamento 05 --departamento 25 --vigencias 2016-2018
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.js';

const { values } = parseArgs({
  options: {
    departamento: { type: 'string', multiple: true },
    vigencias: { type: 'string' },
    datos: { type: 'string' },
    archivos: { type: 'string' },
    'sin-sandbox': { type: 'boolean', default: false },
    'sin-danos': { type: 'boolean', default: false },
    reducido: { type: 'boolean', default: false },
    detalle: { type: 'boolean', default: false },
  },
});
await build();
const { retirar } = await import('../dist/gateway/cli/retiro/retirar.js');
const { loadTerritorio } = await import('../dist/schema/catalogos/territorio.js');

const own = values.datos === undefined ? await mkdtemp(path.join(tmpdir(), 'sugit-retiro-')) : null;
const dataDir = own ?? path.resolve(values.datos);
await mkdir(dataDir, { recursive: true });
const TODAS = '2012-2020';
const periodo = values.vigencias ?? (values.reducido ? '2019-2020' : TODAS);
const departamentos = values.departamento ?? (values.reducido ? ['05'] : null);
const [desde, hasta = desde] = periodo.split('-').map(Number);
const vigencias = Array.from({ length: hasta - desde + 1 }, (_, i) => desde + i);
const given = values.archivos === undefined ? null : path.resolve(values.archivos);
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => abort.abort());
const print = (text) => process.stdout.write(`${text}\n`);

/** The files of the FUT of these years and departments, written as the sandbox writes all of them. */
async function writeDrop() {
  const { prepareDrops } = await import('../dist/sandbox/drops.js');
  const { createWorld } = await import('../dist/sandbox/seed.js');
  const { futReducido } = await import('../dist/sandbox/systems/fut.js');
  const system = futReducido(departamentos && [...departamentos, '54'], vigencias);
  const { drops, start } = await prepareDrops(
    [system],
    path.join(dataDir, 'entregas'),
    createWorld('sugit'),
  );
  await start(new AbortController().signal);
  return drops.fut;
}

try {
  const retiro = await retirar({
    program: fileURLToPath(new URL('../bin/sugit.js', import.meta.url)),
    dataDir,
    // The whole of it is what the sandbox writes by itself.
    dropDir: given ?? (departamentos === null && periodo === TODAS ? null : await writeDrop()),
    sandbox: !values['sin-sandbox'],
    danos: !values['sin-danos'],
    departamentos: departamentos ?? loadTerritorio().departamentos.map(({ codigo }) => codigo),
    vigencias,
    signal: abort.signal,
    say: print,
    log: (line) => values.detalle && process.stderr.write(`${line}\n`),
  });
  for (const certificado of retiro.certificados) {
    const { cuerpo } = JSON.parse(certificado);
    print(
      `certificado ${cuerpo.id} ${cuerpo.tramo}: ${cuerpo.conteos.iguales} iguales, raíz ${cuerpo.raices.nuevo}`,
    );
  }
  print(
    `PROBADO: ${retiro.filas} registros de ${retiro.tramos} tramos retirados en ${retiro.segundos} s; ${retiro.censados} censados iguales, ` +
      `${retiro.plantados} defectos hallados, regreso automático en ${retiro.regresoMs} ms, ${retiro.preguntas} respuestas idénticas`,
  );
} catch (error) {
  if (values.detalle) process.stderr.write(`${error.stack}\n`);
  print(`NO PROBADO: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (own !== null) await rm(own, { recursive: true, force: true });
}
