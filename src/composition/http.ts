import { createServer, type Server } from 'node:http';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { type Check, healthRoutes } from '../ops/health.ts';
import type { Metrics } from '../ops/metrics.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { webhooks } from '../triggers/webhook.ts';

export type Route = ReturnType<typeof webhooks>;

/** `/healthz`, `/readyz`, `/metrics` and the webhooks. A worker on a machine of its own serves them only if it can. */
export async function serve(
  config: Config,
  port: number,
  checks: Check[],
  metrics: Metrics,
  routes: Route[],
  log: Logger,
): Promise<() => void> {
  const health = healthRoutes(
    () => checks,
    metrics,
    async () => undefined,
  );
  // Longer than proxies keep a connection (most: 60 s): one closed just as it is used again loses a webhook.
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const answer = async () => {
      for (const route of [health, ...routes]) if (await route(request, response)) return;
      response.writeHead(404).end('There is nothing here.\n');
    };
    answer().catch((error: unknown) => {
      log.error({ err: error }, 'a request to the HTTP server failed');
      if (!response.headersSent) response.writeHead(500);
      response.end('Bakery failed at this. See its log.\n');
    });
  });
  await listen(server, config.http.host, port);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new ProviderError(
              'port in use',
              `Port ${port} on ${host} is taken. Nothing was started. Set http.port in bot.yaml to another one.`,
            )
          : error,
      ),
    );
    server.listen(port, host, resolve);
  });
}
