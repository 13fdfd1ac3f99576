import { checkSlack } from '../bot/check-slack.ts';
import type { SlackSettings } from '../config/config.ts';
import { readSecret } from '../config/secret.ts';

/** Asks Slack about the app in one workspace; each line begins with the workspace's name, where there are several. */
export async function askSlack(
  { mode, botToken, appToken, apiUrl, workspace }: SlackSettings,
  print: (line: string) => void,
): Promise<0 | 1> {
  const inSocketMode = mode === 'socket' && appToken !== undefined;
  return checkSlack({
    mode,
    botToken: await readSecret(botToken),
    ...(inSocketMode ? { appToken: await readSecret(appToken) } : {}),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(workspace === undefined ? {} : { team: workspace.team }),
    print: (line) => print(workspace === undefined ? line : `${workspace.name}: ${line}`),
  });
}
