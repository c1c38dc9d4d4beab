/** What a person reads when the embedded CSE is up. Plain text, every command works as printed. */

export interface BannerFacts {
  version: string;
  mqttPort: number;
  webSocketPort: number | undefined;
  /** Address on which those two listen. */
  host: string;
  tlsPort: number | undefined;
  tlsWebSocketPort: number | undefined;
  /** Address on which TLS listens. */
  tls: { host: string } | undefined;
  /** Clients must show credentials. */
  credentials: boolean;
  adminPort: number;
  /** Hosted CSEs, the one of the settings first. */
  cses: readonly { id: string; name: string; serviceProvider: string; admin?: string }[];
  /** Absolute path, or undefined where nothing is kept. */
  dataFolder: string | undefined;
}

export function bannerOf(facts: BannerFacts): string {
  const { version, adminPort, cses, dataFolder } = facts;
  const lines = [
    `in-cse ${version}: a oneM2M IN-CSE in one process`,
    '',
    ...listenersOf(facts),
    `  Admin       http://127.0.0.1:${adminPort}/readyz  (also /livez /startupz /metrics)`,
    ...cses.map((cse) => `  CSE         ${cse.id}, CSEBase ${cse.name}, of ${cse.serviceProvider}${adminOf(cse)}`),
    `  Data        ${dataFolder ?? 'in memory only'}`,
    '',
    '  What this mode does not promise',
    ...(dataFolder === undefined
      ? ['  - Nothing is kept: all data is gone when this process ends.']
      : ['  - What was answered survives a killed process, but perhaps not a loss of power.']),
    '  - One process: while it is down, nobody is answered.',
    facts.credentials
      ? '  - MQTT 5 is refused.'
      : '  - It asks for no credentials, so it listens on this machine only. MQTT 5 is refused.',
    '',
    '  Try in another terminal',
    ...firstCommands(facts).map((line) => `    ${line}`),
    '',
    '  Ctrl-C finishes what is in flight and ends.',
  ];
  return `${lines.join('\n')}\n`;
}

function listenersOf({ mqttPort, webSocketPort, host, tlsPort, tlsWebSocketPort, tls, credentials }: BannerFacts) {
  const secure = tls?.host ?? host;
  const note = credentials ? 'MQTT 3.1.1, with credentials' : 'MQTT 3.1.1';
  return [
    `  MQTT        mqtt://${host}:${mqttPort}  (${note})`,
    ...(webSocketPort === undefined ? [] : [`  WebSocket   ws://${host}:${webSocketPort}`]),
    ...(tlsPort === undefined ? [] : [`  over TLS    mqtts://${secure}:${tlsPort}`]),
    ...(tlsWebSocketPort === undefined ? [] : [`              wss://${secure}:${tlsWebSocketPort}`]),
  ];
}

function adminOf({ admin }: { admin?: string }): string {
  return admin === undefined ? '' : `, admin ${admin.slice(admin.lastIndexOf('/') + 1)}`;
}

function firstCommands({ mqttPort, cses, credentials }: BannerFacts): string[] {
  if (credentials) return ['npx in-cse credentials list'];
  const [first] = cses;
  const url = mqttPort === 1883 ? '' : ` --url mqtt://127.0.0.1:${mqttPort}`;
  const cse = first === undefined || first.id === '/id-in' ? '' : ` --cse-id ${first.id}`;
  return [`npx in-cse create ae --from Cme --name me${url}${cse}`];
}
