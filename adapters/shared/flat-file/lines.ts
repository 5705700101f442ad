import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import type { TextRecord } from './records.js';
import type { Encoding } from './text-form.js';

const toRecord = (line: string, linea: number, delimiter: string): TextRecord => ({
  linea,
  campos: (line.endsWith('\r') ? line.slice(0, -1) : line).split(delimiter),
});

/**
 * Records of a format without quoting, where a line is a record and every delimiter counts: nothing to parse, and a
 * national drop of a million lines takes seconds instead of minutes. Batches of one chunk of the file; empty lines are left
 * out but counted. The length of lines was checked by `inspectText`.
 */
export async function* readLines(
  file: string,
  options: {
    readonly encoding: Encoding;
    readonly delimiter: string;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<readonly TextRecord[]> {
  const decoder = iconv.getDecoder(options.encoding);
  let linea = 0;
  let open = '';
  const take = (lines: readonly string[]): TextRecord[] => {
    const records: TextRecord[] = [];
    for (const line of lines) {
      linea++;
      if (line.trim() !== '') records.push(toRecord(line, linea, options.delimiter));
    }
    return records;
  };
  for await (const chunk of createReadStream(file)) {
    options.signal.throwIfAborted();
    const lines = (open + decoder.write(chunk as Buffer)).split('\n');
    if (linea === 0) lines[0] = lines[0]?.replace(/^\ufeff/, '') ?? '';
    open = lines.pop() ?? '';
    yield take(lines);
  }
  options.signal.throwIfAborted();
  yield take([open + (decoder.end() ?? '')]);
}
