import { ReasonCodes } from 'mqtt';

/** The words of MQTT 5 2.4 for a reason code, with its number. */
export function reasonText(code: number): string {
  const words = (ReasonCodes as Record<number, string>)[code];
  return words === undefined || words === '' ? `reason code ${code}` : `${words} (reason code ${code})`;
}
