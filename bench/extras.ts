/** What is measured of the product alone: memory, growth with the rows, round trips over slow sources. */
import { fetchText, median, runLoad } from './load.js';
import type { Target } from './load.js';
import { copies, nation, point } from './queries.js';
import type { Work } from './queries.js';
import type { Child } from './side-door.js';

const NATIONS = 10;

/** Peak of national queries over the idle process, which has served point queries and is settled. */
export async function measureMemory(
  target: Target,
  child: Child,
): Promise<{ idleMiB: number; nationMiBOverIdle: number }> {
  await runLoad(target, [point('05001'), point('05091')], { connections: 1, ms: 300 });
  const idle = await child.settle();
  for (let i = 0; i < 10; i++) await fetchText(target, nation);
  const { peakMiB } = await child.read();
  return { idleMiB: idle.rssMiB, nationMiBOverIdle: peakMiB - idle.rssMiB };
}

/** Time of ten nations of rows over ten times that of one. */
export async function measureGrowth(
  target: Target,
  rounds: number,
): Promise<{ msOneNation: number; msTenNations: number; growth: number }> {
  const [one, ten] = [copies(1), copies(NATIONS)];
  const timeOf = async (work: Work, requests: number): Promise<number> => {
    const load = await runLoad(target, [work], { connections: 1, ms: 0, minRequests: requests });
    return median(load.latencies);
  };
  await timeOf(one, 20);
  await timeOf(ten, 3);
  const pairs: { one: number; ten: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    pairs.push({ one: await timeOf(one, NATIONS), ten: await timeOf(ten, 1) });
  }
  return {
    msOneNation: median(pairs.map((pair) => pair.one)),
    msTenNations: median(pairs.map((pair) => pair.ten)),
    growth: median(pairs.map((pair) => pair.ten / (NATIONS * pair.one))),
  };
}

const LATENCY_MS = 20;

/** A point over sources that take 20 ms: everything beyond them is ours, and twice as long would be two trips. */
export async function measureRoundTrips(
  target: Target,
  upstream: Child,
  works: readonly Work[],
): Promise<{ pointMsOver20msSources: number }> {
  await upstream.setLatency(LATENCY_MS);
  const { latencies } = await runLoad(target, works, { connections: 1, ms: 1_000 });
  await upstream.setLatency(0);
  return { pointMsOver20msSources: median(latencies) };
}
