/** Servers that the environment names: tests use them instead of starting their own. */
import { givenServer, type Part } from './part.ts';
import type { PartName } from './prerequisites.ts';

const variables: Partial<Record<PartName, string>> = {
  kafka: 'IN_CSE_TEST_KAFKA_BROKERS',
  mosquitto: 'IN_CSE_TEST_MQTT_URL',
  postgres: 'IN_CSE_TEST_POSTGRES_URL',
  redis: 'IN_CSE_TEST_REDIS_URL',
};

/** The server to use for this part, if one is named. Brokers of Kafka may be a bare list of `host:port`. */
export function givenPart(name: PartName): Part | undefined {
  const variable = variables[name];
  const value = variable === undefined ? undefined : process.env[variable];
  if (value === undefined || value === '') return undefined;
  return givenServer(name, name === 'kafka' && !value.includes('://') ? `kafka://${value}` : value);
}
