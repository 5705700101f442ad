/** One query over several contenders: the same bytes first, then interleaved rounds and paired ratios. */
import { fetchText, median, runLoad } from './load.js';
import type { Target } from './load.js';
import type { Work } from './queries.js';
import type { Child } from './side-door.js';

export interface Contender {
  readonly target: Target;
  readonly child: Child;
  /** A process that does part of its work: its CPU counts as well. */
  readonly beside?: Child;
}

export interface Question {
  readonly name: string;
  readonly works: readonly Work[];
  readonly connections: number;
  /** What is compared: time per request, or requests per second. */
  readonly by: 'time' | 'rate';
}

export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Result {
  readonly contender: string;
  readonly msPerRequest: number;
  readonly requestsPerSecond: number;
  readonly cpuMsPerRequest: number;
  readonly callsPerQuery: number;
  readonly peakMiB: number;
  /** Against the limit in the same round. */
  readonly ratio: Spread;
  readonly cpuRatio: number;
}

interface Round {
  readonly ms: number;
  readonly rate: number;
  readonly cpuMs: number;
  readonly calls: number;
  readonly peakMiB: number;
}

/** The first contender is the limit. */
export async function measure(
  question: Question,
  contenders: readonly Contender[],
  upstream: Child,
  pace: Pace,
): Promise<readonly Result[]> {
  for (const work of question.works.slice(0, 3)) await requireSameBytes(work, contenders);
  for (const { target } of contenders) {
    await runLoad(target, question.works, {
      connections: question.connections,
      ms: pace.warmUpMs,
      minRequests: 3,
    });
  }
  const rounds = contenders.map((): Round[] => []);
  for (let round = 0; round < pace.rounds; round++) {
    const order = contenders.map((_, at) => at);
    // Every other round the other way, so that a drift of the machine falls on all alike.
    if (round % 2 === 1) order.reverse();
    for (const at of order) {
      const contender = contenders[at] as Contender;
      rounds[at]?.push(await runRound(question, contender, upstream, pace));
    }
  }
  return contenders.map((contender, at) => toResult(question, contender, rounds, at));
}

async function runRound(
  question: Question,
  { target, child, beside }: Contender,
  upstream: Child,
  pace: Pace,
): Promise<Round> {
  const before = await child.settle();
  const besideBefore = (await beside?.read())?.cpuMs ?? 0;
  const callsBefore = (await upstream.read()).calls;
  const load = await runLoad(target, question.works, {
    connections: question.connections,
    ms: pace.roundMs,
  });
  const after = await child.read();
  const besideMs = ((await beside?.read())?.cpuMs ?? 0) - besideBefore;
  const { calls } = await upstream.read();
  return {
    ms: (load.seconds * 1000 * question.connections) / load.requests,
    rate: load.requests / load.seconds,
    cpuMs: (after.cpuMs - before.cpuMs + besideMs) / load.requests,
    calls: (calls - callsBefore) / load.requests,
    peakMiB: after.peakMiB,
  };
}

function toResult(
  { by }: Question,
  { target }: Contender,
  rounds: readonly (readonly Round[])[],
  at: number,
): Result {
  const own = rounds[at] ?? [];
  const limit = rounds[0] ?? [];
  const ratios = own.map((round, i) => {
    const other = limit[i] as Round;
    return by === 'time' ? round.ms / other.ms : round.rate / other.rate;
  });
  const of = (pick: (round: Round) => number): number => median(own.map(pick));
  return {
    contender: target.name,
    msPerRequest: of(({ ms }) => ms),
    requestsPerSecond: of(({ rate }) => rate),
    cpuMsPerRequest: of(({ cpuMs }) => cpuMs),
    callsPerQuery: of(({ calls }) => calls),
    peakMiB: Math.max(...own.map(({ peakMiB }) => peakMiB)),
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
    cpuRatio: median(own.map(({ cpuMs }, i) => cpuMs / (limit[i] as Round).cpuMs)),
  };
}

/** `data` of every contender against that of the limit, byte by byte; an error in the answer is a difference too. */
export async function requireSameBytes(
  work: Work,
  contenders: readonly Contender[],
): Promise<void> {
  const [limit, ...others] = contenders;
  if (limit === undefined) return;
  const expected = (await fetchText(limit.target, work)).slice(0, -1);
  for (const { target } of others) {
    const text = await fetchText(target, work);
    const next = text[expected.length];
    if (text.startsWith(expected) && (next === ',' || next === '}')) continue;
    let at = 0;
    while (text[at] === expected[at]) at++;
    throw new Error(
      `${target.name} differs from the limit at byte ${at} of ${work.path}: ` +
        `${text.slice(Math.max(0, at - 80), at + 120)} instead of ${expected.slice(Math.max(0, at - 80), at + 120)}`,
    );
  }
}
