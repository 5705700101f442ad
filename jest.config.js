/** One configuration for all tests; workers and child processes always start from dist/ (globalSetup builds it). */
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      },
    ],
  },
  globalSetup: '<rootDir>/scripts/jest-setup.js',
  restoreMocks: true,
  // Jest would leave one of two cores idle.
  maxWorkers: 2,
  testTimeout: 120_000,
};
