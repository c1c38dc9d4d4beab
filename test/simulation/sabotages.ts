/** The five things that must not be missing: each is taken away from outside, and the promises must break. */
import type { Sabotage } from './sabotage.ts';

/** The fence compares nothing: every owner passes for the present one (R2). */
export const fenceOff: Sabotage = {
  commits: (database) => async (parts) =>
    Promise.all(
      parts.map(async (part) => {
        const { version } = await database.truth.readFence(database.generation, part.partition);
        const { journal } = part;
        return {
          ...part,
          version,
          ...(journal === undefined ? {} : { journal: { ...journal, version: version + 1 } }),
        };
      }),
    ),
};

/** PUBACK at reception, before the log has the request (R28). */
export const earlyAcknowledgement: Sabotage = {
  link: (link) => ({
    ...link,
    receive: (options) =>
      link.receive({
        ...options,
        received(message) {
          message.acknowledge();
          options.received({ ...message, acknowledge() {} });
        },
      }),
  }),
};

/** Nothing is remembered (R16, R17). */
export const noDuplicates: Sabotage = { duplicateWindow: 0 };

/** A new owner does not send what its predecessor has committed and not sent (R25). */
export const noReplay: Sabotage = {
  store: (store) => ({ ...store, readUnemitted: async () => [] }),
};

/** Rows of other shards decide for ever as they were when they were first read, and no commit checks them (R24). */
export const cacheWithoutVersions: Sabotage = {
  commits: () => async (parts) => parts.map((part) => ({ ...part, relied: [], reliedBaseSubscriptions: [] })),
  workerClock: (clock) => ({ ...clock, monotonic: () => 0 }),
};
