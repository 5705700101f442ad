import type { Expr, OrderItem, SelectItem, Statement } from './ast.js';
import { gatewayError, queryError, type SodaError } from './errors.js';
import { tokenize, type Token } from './lexer.js';

const COMPARISONS: Readonly<Record<string, '=' | '<>' | '<' | '<=' | '>' | '>='>> = {
  '=': '=',
  '==': '=',
  '!=': '<>',
  '<>': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const RESERVED = new Set(
  'select where group having order limit offset search by and or not in between like is as asc desc'.split(
    ' ',
  ),
);

/** Recursive descent over SoQL: clauses, statements, expressions. */
export class SoqlParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = tokenize(source);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', text: '' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #isWord(word: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'name' && token.text.toLowerCase() === word;
  }

  #word(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #op(op: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'op' || token.text !== op) return false;
    this.#at++;
    return true;
  }

  #fail(): SodaError {
    const token = this.#peek();
    return token.kind === 'end'
      ? queryError('query.soql.unexpected-eof', 'Unexpected end of input')
      : queryError('query.soql.bad-parse', `Unexpected token: ${token.text}`);
  }

  #expectOp(op: string): void {
    if (!this.#op(op)) throw this.#fail();
  }

  #expectWord(word: string): void {
    if (!this.#word(word)) throw this.#fail();
  }

  end(): void {
    if (this.#peek().kind !== 'end') throw this.#fail();
  }

  /** A whole `$query`: statements joined by `|>`. */
  statements(): Statement[] {
    const list = [this.#statement()];
    while (this.#op('|>')) list.push(this.#statement());
    this.end();
    return list;
  }

  #statement(): Statement {
    this.#expectWord('select');
    const select = this.selectList();
    const where = this.#word('where') ? this.expr() : undefined;
    const group = this.#word('group') ? this.#byList() : [];
    const having = this.#word('having') ? this.expr() : undefined;
    let order: OrderItem[] = [];
    if (this.#word('order')) {
      this.#expectWord('by');
      order = this.orderList();
    }
    const search = this.#word('search') ? this.#next().text : undefined;
    const limit = this.#word('limit') ? this.#integer() : undefined;
    const offset = this.#word('offset') ? this.#integer() : 0;
    return { select, where, group, having, order, limit, offset, search };
  }

  #byList(): Expr[] {
    this.#expectWord('by');
    return this.exprList();
  }

  #integer(): number {
    const token = this.#next();
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) {
      this.#at--;
      throw this.#fail();
    }
    return Number(token.text);
  }

  selectList(): SelectItem[] {
    const items: SelectItem[] = [];
    do items.push(this.#selectItem());
    while (this.#op(','));
    const lateStar = items.some((item, i) => 'star' in item && i > 0 && !starBefore(items, i));
    if (lateStar) {
      throw queryError(
        'query.compiler.malformed',
        'Star selections must come at the start of the select-list',
      );
    }
    return items;
  }

  #selectItem(): SelectItem {
    if (this.#op('*')) return { star: '*' };
    if (this.#op(':*')) return { star: ':*' };
    const expr = this.expr();
    if (!this.#word('as')) return { expr, alias: undefined };
    const alias = this.#next();
    if (alias.kind !== 'name' && alias.kind !== 'quoted') {
      this.#at--;
      throw this.#fail();
    }
    return { expr, alias: alias.text };
  }

  exprList(): Expr[] {
    const list = [this.expr()];
    while (this.#op(',')) list.push(this.expr());
    return list;
  }

  orderList(): OrderItem[] {
    const list: OrderItem[] = [];
    do {
      const expr = this.expr();
      const descending = this.#word('desc');
      if (!descending) this.#word('asc');
      if (!this.#word('null')) {
        list.push({ expr, descending });
        continue;
      }
      const nulls = this.#word('first') ? 'first' : 'last';
      if (nulls === 'last') this.#expectWord('last');
      list.push({ expr, descending, nulls });
    } while (this.#op(','));
    return list;
  }

  expr(): Expr {
    let left = this.#and();
    while (this.#word('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expr {
    let left = this.#not();
    while (this.#word('and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Expr {
    return this.#word('not') ? { kind: 'not', of: this.#not() } : this.#comparison();
  }

  #comparison(): Expr {
    const left = this.#cast();
    const token = this.#peek();
    const op = token.kind === 'op' ? COMPARISONS[token.text] : undefined;
    if (op !== undefined) {
      this.#at++;
      return { kind: 'compare', op, left, right: this.#cast() };
    }
    if (this.#word('is')) {
      const negated = this.#word('not');
      this.#expectWord('null');
      return { kind: 'isNull', of: left, negated };
    }
    const negated = this.#isWord('not') && this.#word('not');
    if (this.#word('in')) {
      this.#expectOp('(');
      const items = this.exprList();
      this.#expectOp(')');
      return { kind: 'in', of: left, items, negated };
    }
    if (this.#word('between')) {
      const low = this.#cast();
      this.#expectWord('and');
      return { kind: 'between', of: left, low, high: this.#cast(), negated };
    }
    if (this.#word('like')) return { kind: 'like', of: left, pattern: this.#cast(), negated };
    if (negated) throw this.#fail();
    return left;
  }

  #cast(): Expr {
    let of = this.#primary();
    while (this.#op('::')) of = { kind: 'cast', of, type: this.#next().text.toLowerCase() };
    return of;
  }

  #primary(): Expr {
    const token = this.#peek();
    if (this.#op('(')) {
      const inner = this.expr();
      this.#expectOp(')');
      return inner;
    }
    if (this.#op('-')) {
      const number = this.#next();
      if (number.kind !== 'number') throw this.#fail();
      return { kind: 'number', value: `-${number.text}` };
    }
    if (token.kind === 'text' || token.kind === 'number') {
      this.#at++;
      return { kind: token.kind, value: token.text };
    }
    if (token.kind === 'quoted') {
      this.#at++;
      return { kind: 'column', name: token.text };
    }
    if (token.kind === 'name') return this.#named(token.text.toLowerCase());
    throw this.#fail();
  }

  #named(name: string): Expr {
    const next = this.#peek(1);
    if (next.kind === 'op' && next.text === '(') {
      this.#at += 2;
      return this.#call(name);
    }
    if (RESERVED.has(name)) throw this.#fail();
    this.#at++;
    if (name === 'true' || name === 'false') return { kind: 'boolean', value: name === 'true' };
    return name === 'null' ? { kind: 'null' } : { kind: 'column', name };
  }

  #call(name: string): Expr {
    if (this.#op('*')) {
      this.#expectOp(')');
      return { kind: 'call', name, args: [], distinct: false, star: true };
    }
    const distinct = this.#word('distinct');
    const args = this.#op(')') ? [] : this.exprList();
    if (args.length > 0) this.#expectOp(')');
    if (this.#word('over')) return this.#window(name);
    return { kind: 'call', name, args, distinct, star: false };
  }

  #window(name: string): Expr {
    if (name !== 'row_number') throw gatewayError(400, 'invalid', `No such window: ${name}`);
    this.#expectOp('(');
    const partition = this.#word('partition') ? this.#byList() : [];
    let order: OrderItem[] = [];
    if (this.#word('order')) {
      this.#expectWord('by');
      order = this.orderList();
    }
    this.#expectOp(')');
    return { kind: 'window', partition, order };
  }
}

function starBefore(items: readonly SelectItem[], index: number): boolean {
  return items.slice(0, index).every((item) => 'star' in item);
}

/** Parses one clause completely. */
export function parseClause<T>(source: string, read: (parser: SoqlParser) => T): T {
  const parser = new SoqlParser(source);
  const value = read(parser);
  parser.end();
  return value;
}
