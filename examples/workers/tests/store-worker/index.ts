/** Runs the conformance suite of `ObjectStore` against an R2 binding, inside workerd; one case per request. */
import { createR2Store } from '@tapekit/adapters/stores/r2';
import { objectStoreCases } from '@tapekit/housecleaning/testing';

interface StoreEnv {
  readonly BUCKET: R2Bucket;
}

export default {
  /** `GET /` lists the facts; `POST /{index}` proves one on an empty bucket: `{ "problem": null }` if it holds. */
  async fetch(request, env): Promise<Response> {
    const cases = objectStoreCases();
    if (request.method === 'GET') return Response.json(cases.map(({ fact }) => fact));
    await clear(env.BUCKET);
    try {
      await cases[Number(new URL(request.url).pathname.slice(1))]!.prove(createR2Store(env.BUCKET));
      return Response.json({ problem: null });
    } catch (error) {
      return Response.json({ problem: error instanceof Error ? error.message : String(error) });
    }
  },
} satisfies ExportedHandler<StoreEnv>;

async function clear(bucket: R2Bucket): Promise<void> {
  for (let page = await bucket.list(); page.objects.length > 0; page = await bucket.list()) {
    await bucket.delete(page.objects.map(({ key }) => key));
  }
}
