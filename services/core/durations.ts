const millisecondsOf: Record<string, number> = {
  Y: 365 * 86_400_000,
  M: 30 * 86_400_000,
  D: 86_400_000,
  H: 3_600_000,
  m: 60_000,
  S: 1000,
};

const pattern =
  /^P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:(T)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/;

/**
 * ms of an ISO 8601 duration (xs:duration) that is not negative: `P1DT12H`, `PT0.5S`. A year counts 365 days and a month 30,
 * since a duration has no calendar. Undefined for anything else.
 */
export function parseDuration(text: string): number | undefined {
  const match = text.length <= 100 ? pattern.exec(text) : null;
  if (match === null) return undefined;
  const [, years, months, days, time, hours, minutes, seconds] = match;
  if (time !== undefined && hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  const parts: [string | undefined, string][] = [
    [years, 'Y'],
    [months, 'M'],
    [days, 'D'],
    [hours, 'H'],
    [minutes, 'm'],
    [seconds, 'S'],
  ];
  if (parts.every(([amount]) => amount === undefined)) return undefined;
  return parts.reduce((sum, [amount, unit]) => sum + Math.round(Number(amount ?? 0) * millisecondsOf[unit]!), 0);
}
