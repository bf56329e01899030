import { defineConfig } from 'vitepress';

const packages = ['orderflow', 'footprint', 'scoring', 'housecleaning', 'adapters', 'sdk'];

export default defineConfig({
  title: 'Tapekit',
  description: 'Exact order flow, footprints, verified archives and explained scores for TypeScript.',
  cleanUrls: true,
  lastUpdated: false,
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'Recipes', link: '/recipes/replay-a-capture' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Decisions', link: '/decisions/' },
    ],
    sidebar: {
      '/guide/': [
        {
          text: 'Guide',
          items: [
            { text: 'Getting started', link: '/guide/getting-started' },
            { text: 'The main job', link: '/guide/main-job' },
            { text: 'Numbers and time', link: '/guide/numbers-and-time' },
            { text: 'Order flow', link: '/guide/order-flow' },
            { text: 'Footprints', link: '/guide/footprints' },
            { text: 'How fast footprints are made', link: '/guide/footprint-speed' },
            { text: 'The footprint chart', link: '/stories/footprint-chart' },
            { text: 'Market data', link: '/guide/market-data' },
            { text: 'Who was the aggressor?', link: '/guide/trade-classification' },
            { text: 'Before a run touches anything', link: '/guide/archive-safety' },
            { text: 'Runs of housecleaning', link: '/guide/archive-runs' },
            { text: 'Read, restore and prune an archive', link: '/guide/archive-days' },
            { text: 'What OFI explains', link: '/guide/ofi-regression' },
            { text: 'Does the score predict?', link: '/guide/does-it-predict' },
          ],
        },
      ],
      '/recipes/': [
        {
          text: 'How do I …',
          items: [
            { text: 'replay a capture', link: '/recipes/replay-a-capture' },
            { text: 'build footprints from trades', link: '/recipes/footprints-from-trades' },
            { text: 'archive a tape without losing it', link: '/recipes/archive-a-tape' },
            { text: 'clean a store for the first time', link: '/recipes/archive-first-run' },
            { text: 'prove that archives can be restored', link: '/recipes/archive-drill' },
            { text: 'end a quarantine', link: '/recipes/archive-quarantine' },
            { text: 'delete what is no longer needed', link: '/recipes/archive-retention' },
            { text: 'keep a tape on R2', link: '/recipes/archive-on-r2' },
          ],
        },
      ],
      '/decisions/': [
        {
          text: 'Decisions',
          items: [
            { text: 'All of them', link: '/decisions/' },
            { text: 'Package boundaries', link: '/decisions/package-boundaries' },
            { text: 'Exact integers', link: '/decisions/exact-integers' },
            { text: 'One contract for server and client', link: '/decisions/one-contract' },
            { text: 'Two implementations must agree', link: '/decisions/archive-verification' },
            { text: 'The book’s grid', link: '/decisions/book-grid' },
            { text: 'A book is a ladder and a list', link: '/decisions/book-ladder' },
          ],
        },
      ],
      '/reference/': [
        {
          text: 'Reference',
          items: packages.map((name) => ({ text: `@tapekit/${name}`, link: `/reference/@tapekit/${name}/` })),
        },
      ],
    },
  },
});
