/** What a person reads when the embedded CSE is up. Plain text, every command works as printed. */

export interface BannerFacts {
  version: string;
  mqttPort: number;
  webSocketPort: number | undefined;
  adminPort: number;
  /** Hosted CSEs, the one of the settings first. */
  cses: readonly { id: string; name: string; serviceProvider: string; admin?: string }[];
  /** Absolute path, or undefined where nothing is kept. */
  dataFolder: string | undefined;
}

export function bannerOf(facts: BannerFacts): string {
  const { version, mqttPort, webSocketPort, adminPort, cses, dataFolder } = facts;
  const lines = [
    `in-cse ${version}: a oneM2M IN-CSE in one process`,
    '',
    `  MQTT        mqtt://127.0.0.1:${mqttPort}  (MQTT 3.1.1)`,
    ...(webSocketPort === undefined ? [] : [`  WebSocket   ws://127.0.0.1:${webSocketPort}`]),
    `  Admin       http://127.0.0.1:${adminPort}/readyz  (also /livez /startupz /metrics)`,
    ...cses.map((cse) => `  CSE         ${cse.id}, CSEBase ${cse.name}, of ${cse.serviceProvider}${adminOf(cse)}`),
    `  Data        ${dataFolder ?? 'in memory only'}`,
    '',
    '  What this mode does not promise',
    ...(dataFolder === undefined
      ? ['  - Nothing is kept: all data is gone when this process ends.']
      : ['  - What was answered survives a killed process, but perhaps not a loss of power.']),
    '  - One process: while it is down, nobody is answered.',
    '  - It asks for no credentials, so it listens on this machine only. MQTT 5 is refused.',
    '',
    '  Try in another terminal',
    ...firstCommands(facts).map((line) => `    ${line}`),
    '',
    '  Ctrl-C finishes what is in flight and ends.',
  ];
  return `${lines.join('\n')}\n`;
}

function adminOf({ admin }: { admin?: string }): string {
  return admin === undefined ? '' : `, admin ${admin.slice(admin.lastIndexOf('/') + 1)}`;
}

function firstCommands({ mqttPort, cses }: BannerFacts): string[] {
  const [first] = cses;
  const url = mqttPort === 1883 ? '' : ` --url mqtt://127.0.0.1:${mqttPort}`;
  const cse = first === undefined || first.id === '/id-in' ? '' : ` --cse-id ${first.id}`;
  return [`npx in-cse create ae --from Cme --name me${url}${cse}`];
}
