import { type Command, Option } from 'commander';
import type { DemoOptions } from '../demo/index.ts';

/** `bakery demo`. Its parts are not in the production image, so they are loaded only here. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'the whole story on this machine: a simulated Slack with a page, a real repository, live traffic',
    )
    .option('--auto', 'tells the story by itself and ends with a summary')
    .addOption(
      new Option(
        '--story <name>',
        'with --auto: hello, a web service; worker, with a database in a monorepo; together, two services with one approval',
      )
        .choices(['hello', 'worker', 'together'])
        .default('hello'),
    )
    .option('--keep <dir>', 'keeps the data directory there')
    .addOption(
      new Option(
        '--provider <name>',
        'local: processes and the embedded balancer; docker: containers and a HAProxy of its own; openstack: servers of OS_CLOUD; aws: EC2 instances behind a load balancer',
      )
        .choices(['local', 'docker', 'openstack', 'aws'])
        .default('local'),
    )
    .option('--engine <url>', 'docker: the socket of its engine', 'unix:///var/run/docker.sock')
    .option('--base-image <name>', 'docker, openstack, aws: an image with Node.js', 'node:20-bookworm-slim')
    .option('--flavor <name>', 'openstack: the flavor of servers', 'm1.small')
    .option('--network <name>', 'openstack: the network of servers', 'private')
    .addOption(new Option('--region <name>', 'aws: the region').env('AWS_REGION').default('eu-central-1'))
    .option('--bucket <name>', 'aws: the bucket for packages')
    .option('--subnets <ids>', 'aws: the subnets of instances, with commas between them')
    .option('--security-group <id>', 'aws: the security group of instances')
    .option('--instance-type <name>', 'aws: the type of instances', 't3.small')
    .option('--profile <name>', 'aws: the instance profile, which reads /bakery-demo/* of Parameter Store')
    .option(
      '--load-balancer <name>',
      "openstack: one of Octavia's as the front door, and not this machine; aws: the Application Load Balancer (bakery)",
    )
    .option(
      '--front-door <host>',
      'openstack, aws: where that is reached from here, if not at its own address',
    )
    .option('--owner <name>', 'aws: what all that it makes carries, instead of an id of its own')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('../demo/index.ts');
      process.exitCode = await demo(options);
    });
}
