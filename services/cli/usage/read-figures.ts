import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgresStore } from '../../adapters/postgres/open-postgres.ts';
import { openDataFolder } from '../../embedded/data-folder.ts';
import { openEmbeddedStore } from '../../embedded/store.ts';
import type { Address } from '../../platform/addresses.ts';
import { createSystemClock } from '../../platform/system-clock.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { type CseFigures, figuresOf, type Manner } from './cse-figures.ts';

/** Of a cluster, whether it runs or not. */
export async function readFiguresOfCluster(postgres: Address, manner: Manner): Promise<CseFigures[]> {
  const store = await openPostgresStore(postgres, { clock: createSystemClock(), development: true });
  try {
    return await figuresOf(store, manner);
  } finally {
    await store.close();
  }
}

/** Of an embedded CSE that does not run: its folder has one user at a time. */
export async function readFiguresOfFolder(folder: string, manner: Manner): Promise<CseFigures[]> {
  if (!existsSync(join(folder, 'pglite'))) {
    throw new CommandFailed(ExitCode.failed, `There are no data of an embedded CSE in ${folder}.`);
  }
  const data = await openDataFolder(folder, () => {});
  try {
    const store = await openEmbeddedStore({ folder: data.path, partitions: 1, clock: createSystemClock() });
    try {
      return await figuresOf(store, manner);
    } finally {
      await store.close();
    }
  } finally {
    await data.release();
  }
}
