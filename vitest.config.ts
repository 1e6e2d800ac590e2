import { readdirSync } from 'node:fs'

import { defineConfig } from 'vitest/config'

// The `pinset-source` condition runs the TypeScript sources of sibling packages without a build.
const conditions = ['pinset-source', 'node', 'import', 'module', 'default']
const resolve = { conditions }
const ssr = { resolve: { conditions } }

const packages = readdirSync(new URL('./packages', import.meta.url))

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['packages/*/src/**'], exclude: ['**/proto/*.ts'] },
    projects: [
      ...packages.map((name) => ({
        resolve,
        ssr,
        test: {
          name,
          include: [`packages/${name}/test/**/*.test.ts`],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      })),
      {
        resolve,
        ssr,
        test: {
          name: 'simulator',
          include: ['test/simulator/**/*.test.ts'],
          testTimeout: 300_000,
          // Nothing but computing, in files made to be of a size: every core takes part.
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      ...['scenarios', 'linearizability', 'mutants'].map((name) => ({
        resolve,
        ssr,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      })),
      {
        // Real processes of the built packages: one file at a time, after everything else.
        test: {
          name: 'end-to-end',
          include: ['test/end-to-end/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
