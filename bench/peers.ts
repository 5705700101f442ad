/** The other gateways on the same work, each in a process of its own from bench/peers, which `npm ci` of the project does not install. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { graphqlTarget } from './load.js';
import { requireSameBytes } from './measure.js';
import type { Contender, Question } from './measure.js';
import { startChild } from './side-door.js';
import type { Child } from './side-door.js';

interface Peer {
  readonly name: string;
  /** Package whose version the page shows. */
  readonly library: string;
  readonly script: string;
  readonly flags?: readonly string[];
  readonly questions: readonly string[];
}

const PLAIN = ['point', 'point32', 'department', 'nation'];
const HOT = ['hot'];
const HIVE = {
  library: '@graphql-hive/gateway-runtime',
  script: 'hive',
  reads: 'subgraphs',
} as const;

const PEERS: readonly Peer[] = [
  { name: 'Hive Gateway, router-runtime', ...HIVE, flags: ['--router'], questions: PLAIN },
  { name: 'Hive Gateway', ...HIVE, questions: PLAIN },
  {
    name: 'Apollo Gateway',
    library: '@apollo/gateway',
    script: 'apollo',
    questions: PLAIN,
  },
  {
    name: 'mercurius gateway con JIT',
    library: '@mercuriusjs/gateway',
    script: 'mercurius',
    questions: PLAIN,
  },
  {
    name: 'GraphQL Mesh',
    library: '@graphql-mesh/compose-cli',
    script: 'mesh',
    questions: PLAIN,
  },
  {
    name: 'Tailcall',
    library: '@tailcallhq/core-linux-x64-gnu',
    script: 'tailcall',
    questions: PLAIN,
  },
  {
    name: 'Hive Gateway, caché de respuestas',
    ...HIVE,
    flags: ['--cache'],
    questions: HOT,
  },
  {
    name: 'Hive Gateway, router-runtime, caché de respuestas',
    ...HIVE,
    flags: ['--router', '--cache'],
    questions: HOT,
  },
];

/** What they stand on, in versions of their own. */
const SHARED = ['@graphql-hive/router-runtime', 'mercurius', 'graphql-jit', 'graphql'];

export interface Absence {
  readonly peer: string;
  readonly question: string | null;
  readonly reason: string;
}

export interface Peers {
  readonly versions: Readonly<Record<string, string>>;
  /** Who could not be started, or answered something else than the limit. */
  readonly absences: readonly Absence[];
  /** Those that answer a question with the same bytes as the limit. */
  contendersOf(question: Question, limit: Contender): Promise<readonly Contender[]>;
  close(): Promise<void>;
}

/** From dist/bench/ to the package of the peers. */
const FOLDER = fileURLToPath(new URL('../../bench/peers', import.meta.url));
const START_LIMIT_MS = 60_000;
const INSTALL_LIMIT_MS = 600_000;

async function install(): Promise<void> {
  if (existsSync(`${FOLDER}/node_modules/.package-lock.json`)) return;
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    timeout: INSTALL_LIMIT_MS,
  });
}

export async function startPeers(
  upstream: Child,
  wants: (question: string) => boolean,
): Promise<Peers> {
  await install();
  const subgraphs = await startPeer('subgraphs', upstream.url);
  const absences: Absence[] = [];
  const started: { readonly peer: Peer; readonly contender: Contender }[] = [];
  for (const peer of PEERS.filter(({ questions }) => questions.some(wants))) {
    const { name, script, flags = [] } = peer;
    try {
      const child = await startPeer(script, subgraphs.url, ...flags);
      const target = graphqlTarget(name, child.url);
      started.push({ peer, contender: { target, child, beside: subgraphs } });
    } catch (error) {
      absences.push({ peer: name, question: null, reason: reasonOf(error) });
    }
  }
  return {
    versions: Object.fromEntries(
      [...started.map(({ peer }) => peer.library), ...SHARED].map((name) => [
        name,
        versionOf(name),
      ]),
    ),
    absences,
    async contendersOf(question, limit) {
      const able: Contender[] = [];
      for (const { peer, contender } of started) {
        if (!peer.questions.includes(question.name)) continue;
        try {
          for (const work of question.works.slice(0, 3)) {
            await requireSameBytes(work, [limit, contender]);
          }
          able.push(contender);
        } catch (error) {
          absences.push({ peer: peer.name, question: question.name, reason: reasonOf(error) });
        }
      }
      return able;
    },
    async close() {
      await Promise.all(started.map(({ contender }) => contender.child.close()));
      await subgraphs.close();
    },
  };
}

const startPeer = (script: string, ...args: string[]): Promise<Child> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`did not listen within ${START_LIMIT_MS / 1000} s`));
    }, START_LIMIT_MS);
    startChild(`../../bench/peers/${script}`, args)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
      });
  });

const versionOf = (library: string): string =>
  (
    JSON.parse(readFileSync(`${FOLDER}/node_modules/${library}/package.json`, 'utf8')) as {
      version: string;
    }
  ).version;

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
