/** What tests may do to the sandbox: faults per system or dataset, switches, tokens, and the count of calls. */

export interface Fault {
  readonly delayMs?: number;
  /** Answers 403 with and without token. */
  readonly withdraw?: boolean;
  /** Answers this status for the next `times` calls. */
  readonly status?: {
    readonly code: number;
    readonly times?: number;
    readonly retryAfter?: number | string;
  };
  /** Closes the connection in the middle of the next n bodies. */
  readonly cut?: number;
  /** Sends broken JSON in the next n bodies. */
  readonly garble?: number;
  readonly drop?: readonly string[];
  readonly rename?: Readonly<Record<string, string>>;
  /** Publishes a new version (Last-Modified and `:id`) before the n-th next call. */
  readonly swap?: number;
}

export interface CallCount {
  readonly sistema: string;
  readonly dataset: string;
  readonly path: string;
  readonly count: number;
}

interface Armed {
  fault: Fault;
  statusLeft: number;
  cutLeft: number;
  garbleLeft: number;
  swapLeft: number | undefined;
}

export interface Verdict {
  readonly delayMs: number;
  readonly withdraw: boolean;
  readonly status: { readonly code: number; readonly retryAfter?: number | string } | undefined;
  readonly cut: boolean;
  readonly garble: boolean;
  readonly drop: ReadonlySet<string>;
  readonly rename: ReadonlyMap<string, string>;
}

export interface Budget {
  readonly calls: number;
  readonly windowMs: number;
}

const LOG_SIZE = 2000;

function arm(fault: Fault): Armed {
  return {
    fault,
    statusLeft: fault.status ? (fault.status.times ?? Number.POSITIVE_INFINITY) : 0,
    cutLeft: fault.cut ?? 0,
    garbleLeft: fault.garble ?? 0,
    swapLeft: fault.swap,
  };
}

export class FaultBoard {
  windows: boolean;
  readonly tokens: Set<string>;
  readonly #armed = new Map<string, Armed>();
  readonly #counts = new Map<string, CallCount>();
  readonly #swaps = new Map<string, number>();
  readonly #budgets = new Map<string, Budget>();
  readonly #recent = new Map<string, number[]>();
  #log: { readonly sistema: string; readonly url: string }[] = [];

  constructor(windows: boolean, tokens: readonly string[]) {
    this.windows = windows;
    this.tokens = new Set(tokens);
  }

  record(sistema: string, dataset: string, path: string, url: string): void {
    const key = `${sistema} ${path}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { sistema, dataset, path, count });
    this.#log.push({ sistema, url });
    if (this.#log.length > LOG_SIZE) this.#log = this.#log.slice(-LOG_SIZE / 2);
  }

  counts(): readonly CallCount[] {
    return [...this.#counts.values()];
  }

  log(): readonly { readonly sistema: string; readonly url: string }[] {
    return this.#log;
  }

  resetCounts(): void {
    this.#counts.clear();
    this.#log = [];
  }

  setFault(sistema: string, dataset: string | undefined, fault: Fault): void {
    const key = dataset === undefined ? sistema : `${sistema}/${dataset}`;
    this.#armed.set(key, arm({ ...this.#armed.get(key)?.fault, ...fault }));
  }

  clearFaults(): void {
    this.#armed.clear();
    this.#budgets.clear();
    this.#recent.clear();
  }

  setBudget(sistema: string, budget: Budget | undefined): void {
    if (budget) this.#budgets.set(sistema, budget);
    else this.#budgets.delete(sistema);
    this.#recent.delete(sistema);
  }

  /** Seconds to wait when the shared pool without token is used up. */
  throttled(sistema: string): number | undefined {
    const budget = this.#budgets.get(sistema);
    if (!budget) return undefined;
    const now = Date.now();
    const recent = (this.#recent.get(sistema) ?? []).filter((t) => now - t < budget.windowMs);
    this.#recent.set(sistema, recent);
    if (recent.length < budget.calls) {
      recent.push(now);
      return undefined;
    }
    const [oldest = now] = recent;
    return Math.max(1, Math.ceil((oldest + budget.windowMs - now) / 1000));
  }

  swap(sistema: string, dataset: string): void {
    const key = `${sistema}/${dataset}`;
    this.#swaps.set(key, (this.#swaps.get(key) ?? 0) + 1);
  }

  /** How often the dataset was published anew since the start. */
  publications(sistema: string, dataset: string): number {
    return this.#swaps.get(`${sistema}/${dataset}`) ?? 0;
  }

  /** What happens to this call; counted faults are used up by it. */
  judge(sistema: string, dataset: string): Verdict {
    const keys = [sistema, `${sistema}/${dataset}`];
    const armed = keys.flatMap((k) => this.#armed.get(k) ?? []);
    for (const a of armed) this.#countDownSwap(a, sistema, dataset);
    const status = armed.find((a) => a.statusLeft-- > 0)?.fault.status;
    return {
      delayMs: Math.max(0, ...armed.map((a) => a.fault.delayMs ?? 0)),
      withdraw: armed.some((a) => a.fault.withdraw === true),
      status: status && {
        code: status.code,
        ...(status.retryAfter === undefined ? {} : { retryAfter: status.retryAfter }),
      },
      cut: armed.some((a) => a.cutLeft-- > 0),
      garble: armed.some((a) => a.garbleLeft-- > 0),
      drop: new Set(armed.flatMap((a) => a.fault.drop ?? [])),
      rename: new Map(armed.flatMap((a) => Object.entries(a.fault.rename ?? {}))),
    };
  }

  #countDownSwap(armed: Armed, sistema: string, dataset: string): void {
    if (armed.swapLeft === undefined) return;
    armed.swapLeft--;
    if (armed.swapLeft > 0) return;
    armed.swapLeft = undefined;
    this.swap(sistema, dataset);
  }
}
