/**
 * The tests that run in workerd and in Chromium too: all but those that read recorded data, and two that take long and
 * whose arithmetic the others run.
 */
export const portableTests = ['src/**/!(dtw|evaluate).test.ts'];
