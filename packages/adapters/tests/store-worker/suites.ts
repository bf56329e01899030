/** How the suite is run inside workerd: two parts of a long stream, more than one page of R2. */
const streamBytes = 6 * 1024 ** 2;

/** Options of the suite by the path of the worker. That the S3 client pages beyond 1,000 keys is proven in Node. */
export const suites = {
  r2: { pagedKeys: 1_005, streamBytes },
  s3: { pagedKeys: 40, streamBytes },
} as const;
