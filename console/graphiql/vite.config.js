import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/graphiql/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: '../../gateway/pages/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    // The bundle is committed, so the licences of what it holds go with it.
    license: { fileName: 'licencias.md' },
    chunkSizeWarningLimit: 5_000,
  },
  // `npx vite` while developing: the page here, the graph in a running SUGIT.
  server: { proxy: { '/graphql': 'http://localhost:4000' } },
});
