/** Imported first: what comes after reads it while it loads. */
process.env.NODE_ENV = 'production';
