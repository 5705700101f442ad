import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSandbox, type Sandbox } from './main.js';

let dropDir = '';
let sandbox: Sandbox | undefined;

beforeEach(async () => {
  dropDir = await mkdtemp(path.join(tmpdir(), 'sandbox-'));
});

afterEach(async () => {
  await sandbox?.close();
  await rm(dropDir, { recursive: true, force: true });
});

const ERP = 'erp_sap_medellin_ejecucion_2025-03_muestra.csv';

describe('the sandbox', () => {
  it('answers by HTTP and counts the call behind its control door', async () => {
    sandbox = await startSandbox({ dropDir });

    const url = `${sandbox.urls['cuipo'] ?? ''}/resource/5c7g-ptic.json?id_entidad=219105091&a_o=2026`;
    const rows: unknown = await (await fetch(url)).json();
    const counts: unknown = await (await fetch(`${sandbox.controlUrl}/counts`)).json();

    expect(rows).toMatchObject([{ razon_social: 'Betania', ciudad: 'BETANIA' }]);
    expect(counts).toMatchObject({ total: 1 });
  });

  it('marks its drops while it writes them, and lays down the real exports byte for byte', async () => {
    sandbox = await startSandbox({ dropDir });
    await sandbox.dropsReady;

    const copy = await readFile(path.join(sandbox.drops['erp'] ?? '', ERP));
    const original = await readFile(new URL(`exports/${ERP}`, import.meta.url));

    expect(copy.equals(original)).toBe(true);
    expect(existsSync(path.join(sandbox.drops['erp'] ?? '', '.preparando'))).toBe(false);
  });

  it('does not write a finished drop again', async () => {
    sandbox = await startSandbox({ dropDir });
    await sandbox.dropsReady;
    const file = path.join(dropDir, 'erp', ERP);
    const before = (await stat(file)).ctimeMs;
    await sandbox.close();

    sandbox = await startSandbox({ dropDir });
    await sandbox.dropsReady;

    expect((await stat(file)).ctimeMs).toBe(before);
  });
});
