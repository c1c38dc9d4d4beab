/** What the commands take from the environment, beside the settings that have flags. */

/** All of it, as settings read it. */
export function environment(): Record<string, string | undefined> {
  return process.env;
}

const serverVariables = {
  broker: 'IN_CSE_MQTT_URL',
  kafka: 'IN_CSE_KAFKA_URL',
  postgres: 'IN_CSE_POSTGRES_URL',
  redis: 'IN_CSE_REDIS_URL',
} as const;

export type ServerName = keyof typeof serverVariables;

/** URLs of servers that `in-cse cluster` is to use instead of new ones. */
export function givenServerUrls(): [name: ServerName, url: string][] {
  const named = Object.entries(serverVariables) as [ServerName, string][];
  return named.flatMap(([name, variable]): [ServerName, string][] => {
    const url = process.env[variable] ?? '';
    return url === '' ? [] : [[name, url]];
  });
}

/** The CSE-ID that the processes of a cluster inherit; undefined where it is the default. */
export function inheritedCseId(): string | undefined {
  return process.env.IN_CSE_CSE_ID;
}
