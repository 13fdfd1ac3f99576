import * as z from 'zod';

/** A push, whoever told of it. */
export interface Push {
  /** All addresses that the source gives the repository. */
  repositories: string[];
  /** Undefined for a tag or something else that is no branch. */
  branch: string | undefined;
  deleted: boolean;
  /** The e-mail address of who pushed, where the source tells it. */
  pushedBy?: string;
}

const address = z.string().max(2048).optional().catch(undefined);
const ref = z.string().min(1).max(300);

const email = z.string().max(254).includes('@').optional().catch(undefined);

const github = z.object({
  ref,
  pusher: z.object({ email }).optional().catch(undefined),
  deleted: z.boolean().optional().catch(undefined),
  repository: z.object({ clone_url: address, ssh_url: address, git_url: address, html_url: address }),
});

const gitlab = z.object({
  ref,
  user_email: email,
  after: z.string().optional().catch(undefined),
  project: z.object({ git_http_url: address, git_ssh_url: address, web_url: address }),
});

const generic = z.strictObject({
  repository: z.string().min(1).max(2048),
  ref,
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/i)
    .optional(),
});

/** A push as GitHub tells it; undefined when it is none. */
export function githubPush(payload: unknown): Push | undefined {
  const { data } = github.safeParse(payload);
  return (
    data && {
      ...whole(data.ref),
      repositories: texts(data.repository),
      deleted: data.deleted === true,
      ...by(data.pusher?.email),
    }
  );
}

/** A push as GitLab tells it; undefined when it is none. A deleted branch points to zeros. */
export function gitlabPush(payload: unknown): Push | undefined {
  const { data } = gitlab.safeParse(payload);
  return (
    data && {
      ...whole(data.ref),
      repositories: texts(data.project),
      deleted: /^0+$/.test(data.after ?? ''),
      ...by(data.user_email),
    }
  );
}

/** `{repository, ref, commit?}`: the ref as `main` or as `refs/heads/main`. */
export function genericPush(payload: unknown): Push | undefined {
  const { data } = generic.safeParse(payload);
  if (data === undefined) return undefined;
  const named = data.ref.startsWith('refs/') ? whole(data.ref) : { branch: data.ref };
  return { ...named, repositories: [data.repository], deleted: false };
}

const whole = (full: string): Pick<Push, 'branch'> => ({
  branch: full.startsWith('refs/heads/') ? full.slice('refs/heads/'.length) : undefined,
});

const by = (pushedBy: string | undefined): Pick<Push, 'pushedBy'> =>
  pushedBy === undefined ? {} : { pushedBy };

const texts = (addresses: Record<string, string | undefined>): string[] =>
  Object.values(addresses).filter((one) => one !== undefined);
