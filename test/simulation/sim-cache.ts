/** The shared cache: may be away, may forget, is never asked for the truth (R24). */
import type { ResourceCache } from '../../services/ports/resource-cache.ts';
import { type Life, never } from './life.ts';
import type { World } from './world.ts';

export interface SimCacheServer {
  world: World;
  values: Map<string, { version: number; value: string | null }>;
  isAway: boolean;
}

export function simCache(life: Life, server: SimCacheServer): ResourceCache {
  const { world } = server;
  const { random } = world;
  return {
    get(keys) {
      if (!life.touch()) return never();
      return new Promise((resolve) => {
        const delay = server.isAway ? 20 : random.between(0.2, 2);
        life.after(delay, `${life.name} reads the cache`, () =>
          resolve(keys.map((key) => (server.isAway ? undefined : (server.values.get(key)?.value ?? undefined)))),
        );
      });
    },
    put(entries) {
      if (!life.touch()) return never();
      return new Promise((resolve) => {
        world.after(random.between(0.2, 2), `${life.name} writes the cache`, () => {
          for (const { key, version, value } of server.isAway ? [] : entries) {
            const before = server.values.get(key);
            if (before === undefined || before.version < version) server.values.set(key, { version, value });
          }
          life.after(0.2, `${life.name} has written the cache`, resolve);
        });
      });
    },
    ready: () => !server.isAway,
    close: async () => {},
  };
}
