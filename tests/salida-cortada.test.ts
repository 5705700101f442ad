import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../bin/sugit.js', import.meta.url));

describe('an order whose reader leaves before its end', () => {
  it('ends quietly', async () => {
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [BIN, 'config'], {
      env: { PATH, HOME },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.destroy();

    const [code] = (await once(child, 'close')) as [number];

    expect([code, err]).toEqual([0, '']);
  }, 60_000);
});
