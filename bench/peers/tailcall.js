/**
 * Tailcall over the REST form of the sources, its batches by `batchKey`. A program of its own: this process starts it and
 * answers for its CPU and memory.
 *
 *   node bench/peers/tailcall.js <subgraphs>
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { RESUMENES } from '../../dist/bench/grain.js';

const [subgraphs] = process.argv.slice(2);
const SCALARS = { entero: 'Int' };

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const typeOf = ({ tipo, columnas, registro }) =>
  `type ${tipo} {\n${columnas.map((name) => `  ${name}: ${SCALARS[registro.campos[name].tipo] ?? 'String'}`).join('\n')}\n}`;

const fieldOf = ({ campo, tipo }) =>
  `  ${campo}: ${tipo} @http(url: "${subgraphs}/rest/${campo.toLowerCase()}", query: [{key: "codigo", value: "{{.value.codigo}}"}], batchKey: ["codigo"])`;

const configFor = (port) => `
schema
  @server(port: ${port}, hostname: "127.0.0.1")
  @upstream(batch: {maxSize: 2000, delay: 1, headers: []}, poolMaxIdlePerHost: 8) {
  query: Query
}
scalar CodigoDivipola
type Query {
  municipio(codigo: CodigoDivipola!): Municipio @http(url: "${subgraphs}/rest/municipio/{{.args.codigo}}")
  municipios(first: Int): Municipios! @http(url: "${subgraphs}/rest/municipios", query: [{key: "first", value: "{{.args.first}}"}])
  departamento(codigo: CodigoDivipola!): Departamento @http(url: "${subgraphs}/rest/departamento/{{.args.codigo}}")
}
type Departamento {
  codigo: String!
  nombre: String!
  municipios(first: Int): Municipios!
}
type Municipios {
  edges: [MunicipioEdge!]!
}
type MunicipioEdge {
  node: Municipio!
}
type Municipio {
  codigo: String!
  nombre: String!
${RESUMENES.map(fieldOf).join('\n')}
}
${RESUMENES.map(typeOf).join('\n')}
`;

const port = await freePort();
const folder = await mkdtemp(path.join(tmpdir(), 'sugit-tailcall-'));
const file = path.join(folder, 'config.graphql');
await writeFile(file, configFor(port));
const manifest = createRequire(import.meta.url).resolve(
  '@tailcallhq/core-linux-x64-gnu/package.json',
);
const program = spawn(path.join(path.dirname(manifest), 'bin', 'tailcall'), ['start', file], {
  stdio: ['ignore', 2, 2],
  env: { ...process.env, TC_TRACKER: 'false', TAILCALL_LOG_LEVEL: 'error' },
});

async function end() {
  program.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
program.once('exit', async () => {
  await end();
  process.exit(1);
});

const url = `http://127.0.0.1:${port}`;
const isUp = () =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  }).then(
    ({ ok }) => ok,
    () => false,
  );
while (!(await isUp())) await wait(100);

/** Ticks of the kernel, a hundred a second, and pages of /proc. */
async function read() {
  const [stat, status] = await Promise.all(
    ['stat', 'status'].map((name) => readFile(`/proc/${program.pid}/${name}`, 'utf8')),
  );
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const sizeOf = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    rssMiB: sizeOf('VmRSS'),
    peakMiB: sizeOf('VmHWM'),
    calls: 0,
  };
}

process.on('message', async () => process.send(await read()));
process.on('disconnect', async () => {
  await end();
  process.exit(0);
});
process.send({ url });
