/** Who may import whom. Each rule says what to do instead. */
const only = (name, comment, from, pathNot, to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot },
  to,
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Move what both need into a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-imports-nothing',
      comment: 'The domain is nouns and rules. Pass what it needs as an argument.',
      severity: 'error',
      from: { path: '^src/pipeline/domain/' },
      to: { pathNot: '^src/pipeline/domain/' },
    },
    {
      name: 'stages-know-the-domain-only',
      comment: 'A stage says what is wanted; a task does it.',
      severity: 'error',
      from: { path: '^src/pipeline/stages/' },
      to: { pathNot: '^src/pipeline/(stages|domain)/' },
    },
    {
      name: 'decisions-are-pure',
      comment: 'Decisions see the domain and the stages. Put effects into a task, reads into the ledger.',
      severity: 'error',
      from: { path: '^src/pipeline/decide/' },
      to: { pathNot: '^src/pipeline/(decide|stages|domain)/' },
    },
    {
      name: 'views-are-pure',
      comment: 'A view draws what it is given.',
      severity: 'error',
      from: { path: '^src/bot/views/' },
      to: {
        pathNot: [
          '^src/bot/views/',
          '^src/pipeline/(domain/|views.ts)',
          '@slack/types',
          '^src/bot/(nearest|grammar)',
          '^node:',
        ],
      },
    },
    {
      name: 'bot-sees-the-front-door',
      comment: 'The bot and the triggers talk to pipeline.ts and know the domain.',
      severity: 'error',
      from: { path: '^src/(bot|triggers)/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(bot|triggers)/|^src/pipeline/(domain/|(pipeline|views|outbox|repositories).ts|provider.ts)',
      },
    },
    {
      name: 'what-is-told-outside-knows-its-port',
      comment: 'Forges and the courier know pipeline/outward.ts, the front door and the domain.',
      severity: 'error',
      from: { path: '^src/(forge|outward)/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(forge|outward)/|^src/pipeline/(domain/|(pipeline|views|outbox|repositories).ts|provider.ts|outward.ts|webhook-signature.ts)',
      },
    },
    {
      name: 'clouds-know-their-port',
      comment: 'A provider or balancer knows its port and the domain, not the process.',
      severity: 'error',
      from: { path: '^src/(providers|balancers)/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(providers|balancers)/|^src/pipeline/(domain/|provider.ts|balancer.ts|disk-fault.ts|shortly.ts|script.ts|builder.ts|commands.ts)|^src/child-entry.ts|^src/tracing/call.ts',
      },
    },
    only(
      'queue-libraries',
      'BullMQ, Redis and PostgreSQL stay behind task-queue.ts.',
      '^src/',
      '^src/queue/',
      {
        path: 'node_modules/(bullmq|ioredis|pg|@electric-sql)/',
      },
    ),
    only('ledger-libraries', 'SQLite stays behind ledger.ts.', '^src/', '^src/(ledger/|demo/summary)', {
      path: 'node_modules/(drizzle-orm|better-sqlite3)/',
    }),
    only('tracing-libraries', 'OpenTelemetry stays in tracing/.', '^src/', '^src/tracing/', {
      path: 'node_modules/(@opentelemetry|bullmq-otel)/',
    }),
    only('docker-library', 'Docker stays behind provider.ts.', '^src/', '^src/providers/docker/', {
      path: 'node_modules/(@types/)?dockerode/',
    }),
    only('slack-libraries', 'Slack stays in bot/.', '^src/', '^src/(bot|slack-simulator)/', {
      path: 'node_modules/@slack/',
    }),
    only(
      'main-composes',
      'Only main.ts (and the demo around it) sees concrete parts.',
      '^src/pipeline/',
      undefined,
      {
        path: '^src/(bot|ledger|queue|providers|balancers|store|keeper|source|forge|outward|ops|triggers|tracing|demo|slack-simulator)/',
      },
    ),
    {
      name: 'no-test-in-src',
      comment: 'The product never sees its tests.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'simulator-is-not-shipped',
      comment: 'The production image has no simulator: only the demo imports it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(demo|slack-simulator)/' },
      to: { path: '^src/slack-simulator/' },
    },
    {
      name: 'selftest-is-for-the-command-line',
      comment:
        'The selftest proves the product and is no part of it: only the command line loads it, and tests.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(selftest/|cli/selftest)' },
      to: { path: '^src/selftest/' },
    },
    {
      name: 'selftest-has-one-cloud',
      comment:
        'The selftest drives the real core, engine, ledger, tasks and queue against a cloud of its own. A real cloud has its contract suite; of the balancers it takes their common rules.',
      severity: 'error',
      from: { path: '^src/selftest/' },
      to: {
        path: '^src/(providers|balancers|keeper|source|forge|ops|triggers|demo|slack-simulator|composition|config|control)/|^src/bot/',
        pathNot: '^src/balancers/rules.ts|^src/bot/views/',
      },
    },
    {
      name: 'no-orphans',
      comment: 'Delete it, or use it.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '\\.d\\.ts$|slack-simulator/coverage\\.ts$|selftest/(simulated/thread|processes/part)\\.ts$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
