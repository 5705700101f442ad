/** Makes an empty database and ends: `node pglite-create.js <directory>`. Started from dist/ by `pglite-database`. */
import { PGlite } from '@electric-sql/pglite';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('pglite-create needs a directory');
const db = await PGlite.create({ dataDir });
await db.close();
