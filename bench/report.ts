/** The results as JSON, and as the page of the documentation. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Pace, Result } from './measure.js';
import { toSvg } from './chart.js';
import type { Peers } from './peers.js';

export type Results = ReadonlyMap<string, readonly Result[]>;

/** What is measured of the product alone. */
export type Extras = Readonly<Record<string, number>>;

const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

export function toJson(results: Results, extras: Extras): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, all] of results) {
    const ours = all.find(({ contender }) => contender === 'ours');
    if (ours === undefined) continue;
    json[name] = {
      ratioToLimit: round(ours.ratio.median),
      ratioMin: round(ours.ratio.min),
      ratioMax: round(ours.ratio.max),
      upstreamCallsPerQuery: round(ours.callsPerQuery),
      cpuRatioToLimit: round(ours.cpuRatio),
      peakMiB: round(ours.peakMiB, 0),
      ...bestPeerOf(name, all, ours),
      contenders: Object.fromEntries(all.map((result) => [result.contender, detailOf(result)])),
    };
  }
  if (Object.keys(extras).length > 0) {
    json['extras'] = Object.fromEntries(
      Object.entries(extras).map(([name, value]) => [name, round(value)]),
    );
  }
  return json;
}

const OWN = new Set(['limit', 'ours', 'stitched']);

/** The quickest of the other gateways, when they took part, and how many times as quick we are. */
function bestPeerOf(
  name: string,
  all: readonly Result[],
  ours: Result,
): { bestPeer?: string; timesBestPeer?: number } {
  const byTime = isByTime(name);
  const quickness = ({ ratio }: Result): number => (byTime ? 1 / ratio.median : ratio.median);
  const [best] = all
    .filter(({ contender }) => !OWN.has(contender))
    .sort((a, b) => quickness(b) - quickness(a));
  if (best === undefined) return {};
  return { bestPeer: best.contender, timesBestPeer: round(quickness(ours) / quickness(best), 2) };
}

const isByTime = (name: string): boolean => name === 'nation' || name === 'realNation';

const detailOf = (result: Result): Record<string, number> => ({
  ratioToLimit: round(result.ratio.median),
  msPerRequest: round(result.msPerRequest),
  requestsPerSecond: round(result.requestsPerSecond, 1),
  cpuMsPerRequest: round(result.cpuMsPerRequest),
  upstreamCallsPerQuery: round(result.callsPerQuery),
  peakMiB: round(result.peakMiB, 0),
});

const TITLES: Readonly<Record<string, string>> = {
  point: 'Un municipio, 5 sistemas (1 conexión)',
  point32: 'Un municipio, 5 sistemas (32 conexiones)',
  department: 'Departamento de 125 municipios',
  nation: 'Nación: 1.122 municipios',
  hot: 'Un municipio con caché',
  realNation: 'Nación, grano real de la CUIPO',
};

const NAMES: Readonly<Record<string, string>> = {
  limit: 'límite (a mano, sin GraphQL)',
  ours: '**SUGIT**',
  stitched: 'stitching simple',
};

/** Writes docs/benchmarks.md and docs/benchmarks.svg; answers their names. */
export async function writeReport(
  results: Results,
  extras: Extras,
  pace: Pace,
  peers: Peers | null,
): Promise<readonly string[]> {
  const markdown = toMarkdown(results, extras, pace, peers);
  await writeFile(docs('benchmarks.md'), markdown);
  await writeFile(docs('benchmarks.svg'), toSvg(results, TITLES));
  return ['docs/benchmarks.md', 'docs/benchmarks.svg'];
}

/** From dist/bench/ to docs/ of the project. */
const docs = (name: string): string =>
  fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

function toMarkdown(results: Results, extras: Extras, pace: Pace, peers: Peers | null): string {
  const lines = [
    '# Mediciones',
    '',
    `Escrito por \`npm run bench\` el ${new Date().toISOString().slice(0, 10)}. Todas las cifras son razones de una misma corrida frente al _límite_:`,
    'un manejador escrito a mano sobre `node:http`, sin GraphQL, con las mismas conexiones y el menor número posible de llamadas.',
    'Antes de cada medición se comparan los bytes de `data`. En SUGIT están activos la ruta, el enmascaramiento por clase de dato,',
    'la capa de errores, los límites, la identidad y `extensions.fuentes`.',
    '',
    '![Razones frente al límite](benchmarks.svg)',
    '',
    `Node ${process.version}, ${cpus().length} núcleos; ${versionsText()}. ${pace.rounds} rondas intercaladas de ${pace.roundMs / 1000} s tras ${pace.warmUpMs / 1000} s de calentamiento;`,
    'mediana de las razones por ronda y, entre corchetes, la menor y la mayor.',
    '',
  ];
  for (const [name, all] of results) lines.push(...tableOf(name, all), '');
  if (peers !== null) lines.push(...peersOf(peers), '');
  lines.push(...extrasOf(extras), '');
  return lines.join('\n');
}

function tableOf(name: string, all: readonly Result[]): string[] {
  const byTime = isByTime(name);
  const what = byTime ? 'tiempo ÷ límite (menos es mejor)' : 'peticiones/s ÷ límite (más es mejor)';
  return [
    `## ${TITLES[name] ?? name}`,
    '',
    `| | ${what} | ms por consulta | consultas/s | CPU ms | CPU ÷ límite | llamadas por consulta | memoria máxima MiB |`,
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...all.map(
      (r) =>
        `| ${NAMES[r.contender] ?? r.contender} | ${r.ratio.median.toFixed(2)} [${r.ratio.min.toFixed(2)}–${r.ratio.max.toFixed(2)}] | ${r.msPerRequest.toFixed(2)} | ${r.requestsPerSecond.toFixed(0)} | ${r.cpuMsPerRequest.toFixed(2)} | ${r.cpuRatio.toFixed(2)} | ${r.callsPerQuery.toFixed(2)} | ${r.peakMiB.toFixed(0)} |`,
    ),
    ...aboutBestPeer(name, all),
  ];
}

function aboutBestPeer(name: string, all: readonly Result[]): string[] {
  const ours = all.find(({ contender }) => contender === 'ours');
  if (ours === undefined) return [];
  const { bestPeer, timesBestPeer } = bestPeerOf(name, all, ours);
  if (bestPeer === undefined || timesBestPeer === undefined) return [];
  return [
    '',
    `SUGIT es ${timesBestPeer.toFixed(1)} veces tan rápido como el mejor de los demás (${bestPeer}).`,
  ];
}

function peersOf({ versions, absences }: Peers): string[] {
  return [
    '## Los demás gateways',
    '',
    'Cada uno en su proceso, con la misma fuente y las mismas consultas. Los de federación leen seis subgrafos (el territorio y uno',
    'por sistema) servidos por un solo proceso aparte con graphql-jit, que pide a la fuente una llamada por conjunto de datos; Mesh y Tailcall leen',
    'las mismas filas como REST de ese mismo proceso. Su CPU incluye la de ese proceso; su memoria, no.',
    '',
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    ...absences.map(
      ({ peer, question, reason }) =>
        `- Falta ${peer}${question === null ? '' : ` en «${TITLES[question] ?? question}»`}: \`${reason}\``,
    ),
  ];
}

function extrasOf(extras: Extras): string[] {
  const of = (name: string, digits: number): string => extras[name]?.toFixed(digits) ?? '—';
  return [
    '## Memoria, crecimiento y viajes',
    '',
    `- Una consulta nacional ocupa a lo sumo ${of('nationMiBOverIdle', 0)} MiB sobre el proceso en reposo (${of('idleMiB', 0)} MiB).`,
    `- Diez naciones de filas cuestan ${of('growth', 2)} veces lo que diez veces una (${of('msTenNations', 0)} ms frente a ${of('msOneNation', 1)} ms).`,
    `- Con fuentes de 20 ms, un municipio con sus cinco sistemas tarda ${of('pointMsOver20msSources', 1)} ms: un solo viaje.`,
  ];
}

function versionsText(): string {
  const names = ['graphql', '@apollo/server', '@graphql-tools/stitch', 'undici', 'fastify'];
  return names.map((name) => `${name} ${versionOf(name)}`).join(', ');
}

function versionOf(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
