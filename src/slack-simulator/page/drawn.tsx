import { type Block as LibraryBlock, Message as LibraryMessage } from 'slack-blocks-to-jsx';
import type { Block } from '../types.ts';
import { useDesk } from './desk.ts';

/** A block that only shows something. */
export function Drawn({ block }: { block: Block }) {
  const { live } = useDesk();
  const users = [
    ...live.people.map(({ id, realName, name }) => ({ id, name: realName ?? name })),
    { id: live.installation.botUserId, name: live.installation.botName },
  ];
  return (
    <LibraryMessage
      // The server let it through, so it is one of Slack's own blocks; the library draws nothing for one it does not know.
      blocks={[block as unknown as LibraryBlock]}
      logo=""
      name=""
      theme="light"
      withoutWrapper
      data={{
        users,
        channels: live.channels.map(({ id, name }) => ({ id, name })),
        user_groups: [...live.userGroups],
      }}
    />
  );
}
