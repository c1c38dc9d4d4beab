import { isCi } from '../../infra/local/prerequisites.ts';

/** For a test that wants a tool which is no part: skipped with this line where something is missing, but never in CI. */
export function skipUnlessCi(missing: string | undefined): string | false {
  return isCi() ? false : (missing ?? false);
}
