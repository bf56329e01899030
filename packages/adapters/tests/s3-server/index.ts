/** A worker that only has a bucket: the tests talk to it by the S3 API that local R2 serves. */
export default { fetch: (): Response => new Response('An S3 endpoint is below /cdn-cgi/local/r2/s3.') };
