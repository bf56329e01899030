// Each package lists its imports as a user writes them in its own .size-limit.json; this joins the lists.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = ['orderflow', 'footprint', 'housecleaning', 'scoring', 'adapters', 'sdk'];

export default packages.flatMap((name) => {
  const file = join(import.meta.dirname, 'packages', name, '.size-limit.json');
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')).map((entry) => ({
    ...entry,
    name: `@tapekit/${name}: ${entry.name}`,
    path: join('packages', name, entry.path),
  }));
});
