/**
 * The benchmark: what the product costs over a hand-written handler that makes the fewest calls.
 *
 *   npm run bench                     full: rounds of 3 s, writes docs/benchmarks.md and docs/benchmarks.svg
 *   npm run bench -- --quick --json   at most 3 minutes, JSON alone on stdout, writes nothing
 *   npm run bench -- --only=nation,point
 *   npm run bench -- --peers          with the other gateways of bench/peers in the same rounds
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSandboxProcess } from '../gateway/serve/sandbox-process.js';
import { measureGrowth, measureMemory, measureRoundTrips } from './extras.js';
import { codesOf } from './grain.js';
import { graphqlTarget, limitTarget } from './load.js';
import { measure } from './measure.js';
import type { Contender, Pace, Question, Result } from './measure.js';
import { department, hot, nation, point, realNation } from './queries.js';
import { startPeers } from './peers.js';
import type { Peers } from './peers.js';
import { toJson, writeReport } from './report.js';
import type { Extras } from './report.js';
import { startChild } from './side-door.js';
import type { Child } from './side-door.js';

const flags = process.argv.slice(2);
const isQuick = flags.includes('--quick');
const only = flags
  .find((flag) => flag.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');

const pace: Pace = isQuick
  ? { rounds: 5, roundMs: 500, warmUpMs: 3_000 }
  : { rounds: 9, roundMs: 3_000, warmUpMs: 3_000 };

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const points = codesOf(0).map(point);
/** In the order in which they are shown. */
const QUESTIONS: readonly Question[] = [
  { name: 'point', works: points, connections: 1, by: 'rate' },
  { name: 'point32', works: points, connections: 32, by: 'rate' },
  { name: 'department', works: [department], connections: 1, by: 'rate' },
  { name: 'nation', works: [nation], connections: 1, by: 'time' },
  { name: 'hot', works: [hot('05001')], connections: 1, by: 'rate' },
];
const REAL: Question = { name: 'realNation', works: [realNation], connections: 1, by: 'time' };

const children: Child[] = [];
const dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-bench-'));
const start = async (script: string, ...args: string[]): Promise<Child> => {
  const child = await startChild(script, args);
  children.push(child);
  return child;
};
const startOurs = (upstream: Child, name: string, ...more: string[]): Promise<Child> =>
  start('ours', upstream.url, path.join(dataDir, name), ...more);

const wants = (name: string): boolean => only === undefined || only.includes(name);

async function runSummaries(
  upstream: Child,
  limit: Child,
  peers: Peers | null,
): Promise<Map<string, readonly Result[]>> {
  const [ours, stitched, cached] = await Promise.all([
    startOurs(upstream, 'ours'),
    startOurs(upstream, 'stitched', '--stitched'),
    startOurs(upstream, 'cached', '--cache'),
  ]);
  const measured = new Map<string, readonly Result[]>();
  // The last first: a process that just started answers few small questions in its warm-up, and many rows of a large one.
  for (const question of QUESTIONS.filter(({ name }) => wants(name)).reverse()) {
    const isHot = question.name === 'hot';
    const first: Contender = { target: limitTarget(limit.url), child: limit };
    const contenders: Contender[] = [
      first,
      { target: graphqlTarget('ours', (isHot ? cached : ours).url), child: isHot ? cached : ours },
      { target: graphqlTarget('stitched', stitched.url), child: stitched },
      ...((await peers?.contendersOf(question, first)) ?? []),
    ];
    say(`${question.name}…`);
    const all = await measure(question, contenders, upstream, pace);
    measured.set(question.name, all);
    for (const { contender, ratio } of all.slice(1)) {
      say(
        `  ${contender} ${ratio.median.toFixed(2)} [${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}]`,
      );
    }
  }
  await stitched.close();
  await cached.close();
  return new Map([...measured].reverse());
}

async function runReal(upstream: Child, limit: Child): Promise<readonly Result[]> {
  const real = await startOurs(upstream, 'real', '--real');
  say('real grain of CUIPO…');
  const results = await measure(
    REAL,
    [
      { target: limitTarget(limit.url), child: limit },
      { target: graphqlTarget('ours', real.url), child: real },
    ],
    upstream,
    pace,
  );
  await real.close();
  return results;
}

async function runExtras(upstream: Child): Promise<Extras> {
  say('memory, growth, round trips…');
  const fresh = await startOurs(upstream, 'extras');
  const target = graphqlTarget('ours', fresh.url);
  const memory = await measureMemory(target, fresh);
  const growth = await measureGrowth(target, isQuick ? 5 : 11);
  const roundTrips = await measureRoundTrips(target, upstream, points);
  await fresh.close();
  return { ...memory, ...growth, ...roundTrips };
}

try {
  const sandbox = wants('realNation')
    ? await startSandboxProcess({ dropDir: path.join(dataDir, 'sandbox') })
    : null;
  const upstream = await start('upstream', sandbox?.urls['cuipo'] ?? '');
  const limit = await start('limit', upstream.url);
  const peers = flags.includes('--peers') ? await startPeers(upstream, wants) : null;
  const results = await runSummaries(upstream, limit, peers);
  for (const { peer, question, reason } of peers?.absences ?? []) {
    say(`${peer}${question === null ? '' : ` (${question})`}: ${reason}`);
  }
  await peers?.close();
  if (sandbox !== null) {
    results.set('realNation', await runReal(upstream, limit));
    await sandbox.close();
  }
  const extras = wants('extras') ? await runExtras(upstream) : {};
  const json = toJson(results, extras);
  if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  else if (only === undefined) {
    say(`escrito: ${(await writeReport(results, extras, pace, peers)).join(', ')}`);
  } else process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
} finally {
  await Promise.all(children.map((child) => child.close().catch(() => undefined)));
  await rm(dataDir, { recursive: true, force: true });
}
