import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { key, newDirectory, start } from './job-start.ts';

const jobs = resolve(import.meta.dirname, '../../jobs');
const read = (name: string): Promise<string> => readFile(join(jobs, name), 'utf8');

/** Exit codes of the program: a guard (6) and the end of its time (7). */
const known = new Set<number>([...Object.values(exitCodes), 6, 7]);
/** The time that a run needs after SIGTERM, with room: 5 s for calls, then a commit of every open chunk. */
const LEAST_GRACE_S = 30;

/** The job file that a scheduler names is one of ours, and a job with the variables that the scheduler sets. */
async function expectJob(path: string, variables: Record<string, string>): Promise<void> {
  const secret = join(await newDirectory(), 'secret-key');
  await writeFile(secret, key);
  expect(Object.keys(variables)).toContain('CHAT_SECRET_KEY_FILE');
  const { job, warnings } = await start({
    cwd: jobs,
    file: basename(path),
    flags: {},
    env: { ...variables, CHAT_SECRET_KEY_FILE: secret },
  });
  expect(warnings).toEqual([]);
  expect(job.users.file).toBe(variables.CHAT_USERS_FILE);
}

describe.each(['kubernetes.yaml', 'kubernetes-shared.yaml'])('jobs/%s', (file) => {
  type Rule = {
    readonly action: string;
    readonly onExitCodes?: {
      readonly containerName: string;
      readonly operator: string;
      readonly values: number[];
    };
    readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[];
  };
  const load = async () => {
    const { apiVersion, kind, spec } = parse(await read(file));
    expect([apiVersion, kind]).toEqual(['batch/v1', 'CronJob']);
    const { template, ...job } = spec.jobTemplate.spec;
    const pod = template.spec;
    expect(pod.containers).toHaveLength(1);
    return {
      spec,
      job,
      pod,
      container: pod.containers[0],
      rules: job.podFailurePolicy.rules as readonly Rule[],
    };
  };

  test('starts one Job at a time, at night in UTC, and gives it time to end', async () => {
    const { spec, pod } = await load();
    expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', timeZone: 'Etc/UTC' });
    expect(spec.schedule).toMatch(/^\d+ \d+ \* \* \*$/);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(LEAST_GRACE_S);
  });

  test('fails at once on what another pod would not change, in a policy that Kubernetes takes', async () => {
    const { pod, container, rules } = await load();
    expect(pod.restartPolicy).toBe('Never');
    expect(rules.map(({ action }) => action)).toEqual(['FailJob', 'Ignore']);
    const codes = rules[0]?.onExitCodes;
    expect(codes).toEqual({ containerName: container.name, operator: 'In', values: [2, 3, 6, 7, 8] });
    // The API server's rules: ordered, each once, none of them 0, at most 255.
    expect(codes?.values).toEqual([...new Set(codes?.values)].sort((a, b) => a - b));
    expect(codes?.values).not.toContain(0);
    expect(codes?.values.filter((code) => !known.has(code))).toEqual([]);
    expect(rules[1]?.onPodConditions).toEqual([{ type: 'DisruptionTarget', status: 'True' }]);
  });

  test('runs without rights, with the key in a file, and no variables of Services', async () => {
    const { pod, container } = await load();
    expect(pod).toMatchObject({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const mounts = container.volumeMounts as { name: string; mountPath: string }[];
    const volumes = new Map((pod.volumes as { name: string }[]).map((volume) => [volume.name, volume]));
    expect(mounts.map(({ name }) => name).sort()).toEqual([...volumes.keys()].sort());
    const at = (path: string): unknown =>
      volumes.get(mounts.find(({ mountPath }) => mountPath === path)?.name ?? '');
    expect(at('/tmp')).toHaveProperty('emptyDir');
    expect(at('/run/chat-export')).toHaveProperty('secret.defaultMode', 0o440);
  });

  test('names a job file of ours and sets the variables that it takes', async () => {
    const { container } = await load();
    const [command, jobFile] = container.args as string[];
    expect(command).toBe('run');
    const env = container.env as { name: string; value?: string; valueFrom?: { secretKeyRef?: unknown } }[];
    const secret = env.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined);
    expect(secret.map(({ name }) => name)).toEqual(['WAREHOUSE_URL']);
    await expectJob(
      jobFile ?? '',
      Object.fromEntries(
        env.map(({ name, value }) => [name, value ?? 'postgres://exporter:hush@db/analytics']),
      ),
    );
  });
});

test('the shared Job is the other one with three pods, each of which shares the run', async () => {
  const [one, shared] = await Promise.all(
    ['kubernetes.yaml', 'kubernetes-shared.yaml'].map(async (name) => parse(await read(name))),
  );
  const { parallelism, completions, template } = shared.spec.jobTemplate.spec;
  expect([parallelism, completions]).toEqual([3, undefined]);
  expect(template.metadata.labels).toEqual(
    template.spec.topologySpreadConstraints[0].labelSelector.matchLabels,
  );
  const [container] = template.spec.containers;
  expect(container.args).toEqual([...one.spec.jobTemplate.spec.template.spec.containers[0].args, '--share']);
  // All else is the same.
  delete shared.spec.jobTemplate.spec.parallelism;
  delete template.metadata;
  delete template.spec.topologySpreadConstraints;
  const other = one.spec.jobTemplate.spec;
  shared.spec.jobTemplate.spec.backoffLimit = other.backoffLimit;
  container.args = other.template.spec.containers[0].args;
  container.image = other.template.spec.containers[0].image;
  expect(shared).toEqual(one);
});

test('jobs/chat-export-share.conf is the command of the service, shared', async () => {
  const [service, shared] = await Promise.all(['chat-export.service', 'chat-export-share.conf'].map(read));
  const [command] = service?.match(/^ExecStart=.*$/m) ?? [];
  const lines = shared?.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual(['[Service]', 'ExecStart=', `${command} --share`, 'RestartSec=1min']);
});

describe('jobs/chat-export.service and .timer', () => {
  /** The settings of a unit file, each with all of its values. */
  async function unit(name: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const settings = new Map<string, string[]>();
    for (const line of (await read(name)).split('\n')) {
      const [, setting, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (setting === undefined || value === undefined) {
        expect(line).toMatch(/^($|#|\[(Unit|Service|Timer|Install)\]$)/);
        continue;
      }
      settings.set(setting, [...(settings.get(setting) ?? []), value]);
    }
    return settings;
  }
  const codesOf = (values: readonly string[] | undefined): number[] =>
    (values?.[0] ?? '').split(' ').map(Number);

  test('follow the exit codes', async () => {
    const service = await unit('chat-export.service');
    expect(service.get('Type')).toEqual(['oneshot']);
    expect(service.get('Restart')).toEqual(['on-failure']);
    const [success, never] = [
      codesOf(service.get('SuccessExitStatus')),
      codesOf(service.get('RestartPreventExitStatus')),
    ];
    expect(success).toEqual([3, 7, 8, 143]);
    expect(never).toEqual([2, 3, 4, 6]);
    expect([...success, ...never].filter((code) => !known.has(code))).toEqual([]);
    expect(Number(service.get('TimeoutStopSec'))).toBeGreaterThanOrEqual(LEAST_GRACE_S);
    expect(service.get('KillMode')).toEqual(['mixed']);
  });

  test('start every night in UTC, also after a missed night', async () => {
    const timer = await unit('chat-export.timer');
    expect(timer.get('OnCalendar')?.[0]).toMatch(/ UTC$/);
    expect(timer.get('Persistent')).toEqual(['true']);
    expect(timer.get('WantedBy')).toEqual(['timers.target']);
  });

  test('name a job file of ours; the key comes as a credential', async () => {
    const service = await unit('chat-export.service');
    const [, command, file] = service.get('ExecStart')?.[0]?.split(' ') ?? [];
    expect(command).toBe('run');
    expect(service.get('LoadCredential')?.[0]).toMatch(/^secret-key:\//);
    expect(service.get('Environment')).toEqual(['CHAT_SECRET_KEY_FILE=%d/secret-key']);
    await expectJob(file ?? '', {
      CHAT_USERS_FILE: '/var/lib/chat-export/users.txt',
      CHAT_SDK_APP_ID: '1400000000',
      WAREHOUSE_URL: 'postgres://exporter:hush@warehouse.example.com/analytics',
      CHAT_SECRET_KEY_FILE: '',
    });
  });

  test('wait for the run of another host with the drop-ins for two hosts, by the same command', async () => {
    const service = await unit('chat-export.service');
    const [command] = service.get('ExecStart') ?? [];
    const dropIn = await unit('two-hosts.service.conf');
    // The empty one removes that of the service.
    expect(dropIn.get('ExecStart')).toEqual(['', `${command} --wait-for-lock 20h`]);
    const timer = await unit('two-hosts.timer.conf');
    // A host that makes up for a missed start would start a second run.
    expect(timer.get('Persistent')).toEqual(['false']);
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  test.runIf(hasSystemd)('are what systemd understands (needs systemd-analyze)', async () => {
    const directory = await newDirectory();
    const paths = ['chat-export.service', 'chat-export.timer'].map((name) => join(directory, name));
    for (const path of paths) {
      // The command must be there for the check, and is not installed here.
      const text = (await read(basename(path))).replace('=/usr/local/bin/chat-export ', '=/bin/true ');
      await writeFile(path, text);
    }
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', ...paths]);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });
});

describe('jobs/crontab', () => {
  async function load(): Promise<{ variables: Record<string, string>; time: string; command: string }> {
    const lines = (await read('crontab')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const entries = lines.filter((line) => !/^\w+=/.test(line));
    expect(entries).toHaveLength(1);
    const [, time = '', command = ''] = /^((?:\S+ ){4}\S+) (.*)$/.exec(entries[0] ?? '') ?? [];
    // cron makes a line break of it.
    expect(command).not.toContain('%');
    const variables = lines
      .filter((line) => /^\w+=/.test(line))
      .map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1));
    return { variables: Object.fromEntries(variables as [string, string][]), time, command };
  }

  test('runs a job file of ours every night, with its variables', async () => {
    const { variables, time, command } = await load();
    expect(time).toBe('0 1 * * *');
    expect(variables.CRON_TZ).toBe('UTC');
    expect(variables.PATH?.split(':')).toContain('/usr/local/bin');
    const [, file] = /^chat-export run (\S+) /.exec(command) ?? [];
    await expectJob(file ?? '', variables);
  });

  test.each([
    [0, false],
    [1, true],
    [2, true],
    [3, true],
    [4, true],
    [5, true],
    [6, true],
    [7, false],
    [8, false],
    [143, true],
  ])('of a run that ended with %i, mail is sent: %s', async (code, reported) => {
    const { variables, command } = await load();
    const directory = await newDirectory();
    const program = join(directory, 'chat-export');
    await writeFile(program, `#!/bin/sh\necho "said: $*"\necho "and this" >&2\nexit ${code}\n`);
    await chmod(program, 0o755);
    const LOG = join(directory, 'nightly.log');
    // cron mails the output of a command.
    const mail = execFileSync(variables.SHELL ?? '', ['-c', command], {
      env: { ...variables, PATH: `${directory}:${variables.PATH}`, LOG },
      encoding: 'utf8',
    });
    const log = await readFile(LOG, 'utf8');
    expect(log).toBe('said: run /srv/chat-export/nightly.yaml\nand this\n');
    expect(mail).toBe(reported ? `chat-export ended with ${code}; the end of ${LOG}:\n${log}` : '');
  });
});
