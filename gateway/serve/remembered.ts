import { LRUCache } from 'lru-cache';
import type { Reader } from '../access/tokens.js';
import type { Moment } from '../contexts.js';
import { clienteOf } from '../contexts.js';
import type { Lectura } from '../desmonte/uso.js';
import type { Gateway } from '../gateway.js';
import type { Operation } from '../plan/operation.js';
import { noteUso } from './run-operation.js';

export type Body = string | Buffer;

/** A whole answer, and how long it may be given again. */
interface Kept {
  readonly body: Body;
  /** When the first of its rows leaves the cache, on the clock of `performance.now()`. */
  readonly until: number;
  /** Giving it again is using the same fields of the same systems. */
  readonly lectura: Lectura;
}

export interface Answered extends Kept {
  /** Routes, identities and day under which it was computed. */
  readonly moment: Moment;
}

const MAX_CHARS = 64 * 1024 * 1024;
const MAX_ANSWER_CHARS = 16 * 1024 * 1024;
/** What an entry weighs beside its texts. */
const ENTRY_CHARS = 1_000;

/**
 * Answers given again byte by byte while every row in them would come from the cache anyway: with the cache off there are
 * none. They follow the access class of their reader, the epoch of the routes and the day.
 */
export class RememberedAnswers {
  readonly #gateway: Gateway;
  readonly #ttlMs: number;
  /** Of one moment: with the next, all of them are forgotten, and what they held on to. */
  #moment: Moment | null = null;
  readonly #answers = new LRUCache<string, Kept>({
    maxSize: MAX_CHARS,
    maxEntrySize: MAX_ANSWER_CHARS,
    sizeCalculation: ({ body }, question) => body.length + question.length + ENTRY_CHARS,
  });

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.#ttlMs = gateway.settings.cacheTtlMs;
  }

  /** The answer that this question had, counted as one more use; null where it has to be computed. */
  again(operation: Operation, reader: Reader): Body | null {
    if (this.#ttlMs === 0) return null;
    const started = performance.now();
    this.#forgetOtherMoments();
    const question = questionOf(operation, reader);
    const known = this.#answers.get(question);
    if (known === undefined) return null;
    if (known.until <= started) {
      this.#answers.delete(question);
      return null;
    }
    noteUso(this.#gateway, operation, known.lectura, clienteOf(reader));
    this.#gateway.metrics.request('remembered', (performance.now() - started) / 1000);
    return known.body;
  }

  keep(operation: Operation, reader: Reader, answered: Answered): void {
    const { body, moment, lectura } = answered;
    const now = performance.now();
    const until = Math.min(answered.until, now + this.#ttlMs);
    this.#forgetOtherMoments();
    if (now >= until || moment !== this.#moment) return;
    this.#answers.set(questionOf(operation, reader), { body, until, lectura });
  }

  #forgetOtherMoments(): void {
    const moment = this.#gateway.momentNow();
    if (moment === this.#moment) return;
    this.#moment = moment;
    this.#answers.clear();
  }
}

/** What tells two questions apart: readers of one access class may be told the same. */
const questionOf = (
  { documentId, operationName, variables }: Operation,
  { alcance }: Reader,
): string => `${alcance} ${documentId} ${operationName ?? ''} ${JSON.stringify(variables)}`;
