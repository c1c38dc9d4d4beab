import type { CseDescription } from '../core/cse.ts';
import type { WorkerParts } from './parts.ts';

/** The hosted CSEs by their number; a CSE that is added at run time appears with the next refresh (R32). */
export class HostedCses {
  readonly #parts: Pick<WorkerParts, 'cses' | 'clock' | 'log' | 'settings'>;
  #byNumber = new Map<number, CseDescription>();
  #stopped = false;
  #cancel = () => {};

  constructor(parts: Pick<WorkerParts, 'cses' | 'clock' | 'log' | 'settings'>) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#schedule();
  }

  get(number: number): CseDescription | undefined {
    return this.#byNumber.get(number);
  }

  all(): CseDescription[] {
    return [...this.#byNumber.values()];
  }

  async refresh(): Promise<void> {
    const cses = await this.#parts.cses();
    this.#byNumber = new Map(cses.map((cse) => [cse.number, cse]));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.clock.after(this.#parts.settings.cseRefresh, () => {
      this.refresh()
        .catch((error: unknown) => this.#parts.log.warn({ error }, 'the hosted CSEs could not be read'))
        .finally(() => this.#schedule());
    });
  }
}
